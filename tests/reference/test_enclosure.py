"""Enclosures: ends, bounds, distances, digits, and rounding straight from them."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import libmp
from plain_fields import MpmathField, exact
from plain_formats import BINARY32, BINARY64, LINES, Line, floats_of

import reference
from reference import Admit, Enclosure, Undecided, admits
from reference.element import Element, element
from reference.remainder import Remainder, to_fraction

if TYPE_CHECKING:
    from reference.extended import Extended

LARGEST = Fraction(BINARY64.number(BINARY64.infinity - 1))
HALF_STEP = Fraction(2) ** 970
THRESHOLD = LARGEST + HALF_STEP

rationals = st.one_of(
    st.fractions(),
    floats_of(BINARY64).map(Fraction),
    st.tuples(st.fractions(-3, 3), st.integers(-2300, 1100)).map(
        lambda pair: pair[0] * Fraction(2) ** pair[1]
    ),
    st.fractions(-2, 2).map(lambda f: LARGEST + f * HALF_STEP),
    st.fractions(-2, 2).map(lambda f: -THRESHOLD + f / 3**50),
)
dyadic = st.tuples(st.integers(-(2**70), 2**70), st.integers(-2500, 1000))


def one(item: Element) -> Enclosure:
    """Return an element as an enclosure."""
    return Enclosure((), lambda _precision: [item])


def assert_bounded(enclosure: Enclosure, low: Fraction, high: Fraction) -> None:
    """Assert that every view encloses all of [low, high]."""
    below, above = (float(b) for b in enclosure.bounds())
    assert below <= low
    assert above >= high
    head, tail, radius = (float(a) for a in enclosure.expansion())
    if math.isinf(head):
        assert (tail, radius) == (0.0, 0.0)
        assert min(abs(low), abs(high)) >= THRESHOLD
        assert (head > 0) == (low > 0)
    elif math.isfinite(radius):
        centre = Fraction(head) + Fraction(tail)
        assert max(abs(low - centre), abs(high - centre)) <= Fraction(radius)


@given(rational=rationals)
def test_bounds_of_a_rational(rational: Fraction) -> None:
    """They enclose it within four ulps or eight subnormals, and are it if a float."""
    enclosure = one(element(rational))
    assert_bounded(enclosure, rational, rational)
    low, high = (float(b) for b in enclosure.bounds())
    if abs(rational) < LARGEST:
        assert high <= low + max(4 * math.ulp(low), 8 * math.ulp(0.0))
    if abs(rational) <= LARGEST and Fraction(float(rational)) == rational:
        assert low == high == rational


@given(rational=rationals | st.just(Fraction(0)), t=dyadic, width=dyadic)
def test_bounds_of_a_sum(
    rational: Fraction, t: tuple[int, int], width: tuple[int, int]
) -> None:
    """They enclose both ends of R + T, whatever the sizes and signs."""
    low = libmp.from_man_exp(*t)
    high = libmp.mpf_add(low, libmp.mpf_abs(libmp.from_man_exp(*width)))
    enclosure = one(Element(rational, Remainder(low, high)))
    ends = rational + to_fraction(low), rational + to_fraction(high)
    assert_bounded(enclosure, *ends)
    assert exact(enclosure.lower.item()) <= ends[0]
    assert exact(enclosure.upper.item()) >= ends[1]


@given(rational=rationals, t=dyadic, got=floats_of(BINARY64))
def test_distance_brackets(rational: Fraction, t: tuple[int, int], got: float) -> None:
    """Distance and magnitude enclose those of the exact value."""
    part = libmp.from_man_exp(*t)
    enclosure = one(Element(rational, Remainder(part, part)))
    value = rational + to_fraction(part)
    for point, pair in (
        (got, enclosure.distance(0, got)),
        (0.0, enclosure.magnitude(0)),
    ):
        low, high = pair
        distance = abs(value - Fraction(point))
        assert 0 <= low <= distance <= high
        assert high - low <= Fraction(1, 2**1199)


def test_distance_from_inside_is_zero() -> None:
    """A number between the ends may be exact: its least distance is 0."""
    part = Remainder(libmp.from_int(-1), libmp.from_int(2))
    enclosure = one(Element(Fraction(5), part))
    assert enclosure.distance(0, 6.0) == (0, 2)
    assert enclosure.distance(0, 9.0) == (2, 5)
    assert enclosure.distance(0, 1.0) == (3, 6)


@pytest.mark.parametrize("sign", [1, -1])
def test_ends_on_either_side_of_the_range(sign: int) -> None:
    """Where nothing is known the bounds are infinite, not wrong."""
    huge = libmp.from_int(10**310)
    item = Element(Fraction(sign), Remainder(libmp.mpf_neg(huge), huge))
    assert_bounded(one(item), Fraction(sign - 10**310), Fraction(sign + 10**310))


@pytest.mark.parametrize("sign", [1, -1])
def test_beyond_the_range(sign: int) -> None:
    """2e308 lies between the largest binary64 number and infinity."""
    value = reference.cross_entropy(
        [[1e308, -1e308]], [1], weight=[1, sign], reduction="none"
    ).value
    ends = sorted([sign * float(LARGEST), sign * math.inf])
    assert [b.item() for b in value.bounds()] == ends
    assert abs(value.lower.item()) >= 2 * int(1e308)
    assert value.round_to("binary64").item() == sign * math.inf


def test_remainder_below_every_exponent() -> None:
    """It is not 0: its ends are positive, its bounds are 0 and a subnormal."""
    result = reference.cross_entropy([[1e308, -1e308]], [0])
    for enclosure in (result.value, result.gradient["input"]):
        lower, upper = enclosure.lower.ravel()[-1], enclosure.upper.ravel()[-1]
        assert 0 < lower < upper
        low, high = (b.ravel()[-1] for b in enclosure.bounds())
        assert low <= 0 < high <= 2.0**-1070
        assert enclosure.round_to("binary64").ravel()[-1] == 0


# --- midpoints plus next to nothing

MIDPOINTS = [
    ([-16777216.0, 1.0], Fraction(16777217), BINARY32),
    ([-4097.000244140625, 0.0], 4097 + Fraction(1, 2**12), BINARY32),
    ([-(2.0**53), 1.0], Fraction(2**53 + 1), BINARY64),
]
midpoints = pytest.mark.parametrize(("row", "rational", "line"), MIDPOINTS)


@midpoints
def test_midpoints_are_midpoints(
    row: list[float], rational: Fraction, line: Line
) -> None:
    """The rational part is the gap, as far from one neighbour as from the other."""
    assert rational == Fraction(row[1]) - Fraction(row[0])
    below = Fraction(line.nearest(rational - Fraction(1, 2**99)))
    above = Fraction(line.nearest(rational + Fraction(1, 2**99)))
    assert above - rational == rational - below > 0


@midpoints
@pytest.mark.parametrize("target", LINES, ids=lambda line: line.name)
def test_a_midpoint_plus_next_to_nothing_rounds_up(
    row: list[float], rational: Fraction, line: Line, target: Line
) -> None:
    """log1p(e^−R) is positive and below 2**−5000, which decides the rounding of R."""
    assert rational >= 4000  # e**-4000 < 2**-5000
    result = reference.cross_entropy([row], [0])
    expected = target.nearest(rational + Fraction(1, 2**5000))
    assert float(result.value.round_to(target.name)) == expected
    if target is line:
        assert expected > rational
    gradient = result.gradient["input"].round_to(target.name).astype(np.float64)
    assert gradient.tolist() == [[-1.0, 1.0]]


@midpoints
def test_no_precision_is_needed_for_it(
    row: list[float], rational: Fraction, line: Line
) -> None:
    """Rounding value and gradient to all formats takes no more than 128 bits."""
    del rational, line
    result = reference.cross_entropy([row], [0])
    for target in LINES:
        result.value.round_to(target.name)
        result.gradient["input"].round_to(target.name)
    assert max((*result.value._known, *result.gradient["input"]._known)) <= 128  # noqa: SLF001 - what was evaluated


@midpoints
def test_it_takes_less_than_ten_milliseconds(
    row: list[float], rational: Fraction, line: Line
) -> None:
    """The best of twenty runs, each from the question to all four roundings."""
    del rational, line

    def seconds() -> float:
        start = time.perf_counter()
        value = reference.cross_entropy([row], [0]).value
        for target in LINES:
            value.round_to(target.name)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(20)) < 0.01


# --- what cannot be decided


def cancelling(b: Fraction) -> dict[str, Any]:
    """Return rows whose sums of exponentials cancel as products: the sum is a + b."""
    a, c, d = Fraction(1, 2), Fraction(-3, 4), Fraction(2)
    plus = [[0, a, b, a + b], [0, c, d, c + d]]
    minus = [[0, a, c, a + c], [0, b, d, b + d]]
    return {"input": plus + minus, "reduction": "sum"}


def by_index(b: Fraction) -> Enclosure:
    """Return the sum with class indices and signed weights."""
    return reference.cross_entropy(
        target=np.array([0, 0, 1, 1]), weight=[1, -1, 1, 1], **cancelling(b)
    ).value


def by_probability(b: Fraction) -> Enclosure:
    """Return the sum with class probabilities and signed weights."""
    rows = [[1.0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]]
    return reference.cross_entropy(
        target=rows, weight=[1, -1, 1, 1], **cancelling(b)
    ).value


def by_signed_mass(b: Fraction) -> Enclosure:
    """Return the sum with signed class probabilities and no weights."""
    rows = [[1.0, 0, 0, 0], [1, 0, 0, 0], [0, -1, 0, 0], [0, -1, 0, 0]]
    return reference.cross_entropy(target=rows, **cancelling(b)).value


ways = pytest.mark.parametrize("way", [by_index, by_probability, by_signed_mass])


@ways
def test_unrecognised_rational_is_enclosed(way: Any) -> None:
    """1.75 is enclosed tightly, and rounds right: it is a midpoint of no format."""
    value = way(Fraction(5, 4))
    assert value.lower.item() <= Fraction(7, 4) <= value.upper.item()
    assert value.upper.item() - value.lower.item() <= Fraction(1, 2**58)
    for line in LINES:
        assert float(value.round_to(line.name)) == 1.75


@ways
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_unrecognised_midpoint_is_undecided(way: Any, line: Line) -> None:
    """Where such a sum is a midpoint, both neighbours are offered."""
    half = reference.FORMATS[line.name].ulp(Fraction(1)) / 2
    value = way(Fraction(1, 2) + half)
    with pytest.raises(Undecided, match=r"undecided between 1\.0 and 1\.") as caught:
        value.round_to(line.name)
    assert caught.value.candidates == (1.0, float(1 + 2 * half))
    assert caught.value.index == ()
    assert value.lower.item() <= 1 + half <= value.upper.item()


@ways
def test_unrecognised_zero_rounds_to_zero(way: Any) -> None:
    """Exactly 0 is reached from both sides, and its digits say that it may be 0."""
    value = way(Fraction(-1, 2))
    assert value.lower.item() < 0 < value.upper.item()
    for line in LINES:
        assert float(value.round_to(line.name)) == 0
    assert value.describe(0).startswith("between -")
    assert_bounded(value, Fraction(0), Fraction(0))


def test_undecided_names_the_element() -> None:
    """The position is that in the array, and the message says what to use instead."""
    low, high = libmp.from_man_exp(-1, -9999), libmp.from_man_exp(1, -9999)
    items = [element(Fraction(1))] * 4
    items[2] = Element(1 + Fraction(1, 2**24), Remainder(low, high))
    enclosure = Enclosure((2, 2), lambda _precision: items)
    with pytest.raises(Undecided, match="use lower and upper instead") as caught:
        enclosure.round_to("binary32")
    assert caught.value.index == (1, 0)


def test_logarithms_that_cancel_leave_a_rational() -> None:
    """Rows of one spread with opposite factors have an exactly rational sum."""
    value = reference.cross_entropy(
        [[0, 1], [3, 2]], [0, 1], weight=[2, -2], reduction="sum"
    ).value
    assert value.elements()[0].is_rational
    # Both rows lie 1 apart; 2 (log S + 1) − 2 (log S + 1).
    assert value.lower.item() == value.upper.item() == 0


@pytest.mark.parametrize("weight", [[1, 2, 4], [1, -3, 0.1]])
def test_gradient_by_weight_of_one_class_is_zero(weight: list[float]) -> None:
    """The mean does not depend on the weight of the only class that occurs."""
    rows = [[0, 0.5, 2], [1, 7, -3], [0.25, 0, 0]]
    gradient = reference.cross_entropy(rows, [1, 1, 1], weight=weight).gradient[
        "weight"
    ]
    assert gradient.lower.tolist() == gradient.upper.tolist() == [0, 0, 0]
    assert all(item.is_rational for item in gradient.elements())


# --- words, classes, shapes


@settings(max_examples=60)
@given(
    row=st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=4, unique=True),
    digits=st.integers(3, 60),
)
def test_all_digits_are_right(row: list[float], digits: int) -> None:
    """The text is the exact value rounded to nearest in its last digit."""
    text = reference.cross_entropy([row], [0]).value.describe(0, digits)
    field = MpmathField(2000)
    whole = sum(field.exp(field.of(Fraction(x) - Fraction(row[0]))) for x in row)
    value = field.fraction(field.log(whole))
    assert text.endswith("…")
    shown = Fraction(text[:-1])
    unit = Fraction(10) ** (math.floor(math.log10(value)) - digits + 1)
    assert abs(shown - value) <= unit * (Fraction(1, 2) + Fraction(1, 10**9))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2, 3), "2/3"),
        (Fraction(-7), "-7"),
        (Fraction(0), "0"),
        (Fraction(1, 10**30 + 1), "1.0e-30…"),
        (Fraction(2, 3 * 10**30), "6.6666666666666666667e-31…"),
        (Fraction(10**30), "1.0e+30"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_rationals_are_described_exactly(value: Extended, text: str) -> None:
    """A short fraction stands for itself, special values have their names."""
    assert one(element(value)).describe(0) == text


def test_a_positive_remainder_is_not_described_as_zero() -> None:
    """What is too small for its digits to be written is said not to be zero."""
    result = reference.cross_entropy([[0.0, -1e6]], [0])
    assert "not zero" in result.value.describe(0)
    assert result.gradient["input"].describe(0).startswith("-0.000…")
    midpoint = reference.cross_entropy([[-16777216, 1]], [0]).value
    assert midpoint.describe(0) == "16777217.0…"


GOT = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5)


@pytest.mark.parametrize(
    ("also", "admitted"),
    [
        (Admit.NOTHING, ()),
        (Admit.NAN, (math.nan,)),
        (Admit.PLUS_INFINITY, (math.inf,)),
        (Admit.MINUS_INFINITY, (-math.inf,)),
        (Admit.ZERO, (0.0, -0.0)),
        (Admit.FINITE, (0.0, -0.0, 1.5)),
        (Admit.NAN | Admit.ZERO, (math.nan, 0.0, -0.0)),
    ],
)
def test_classes_are_admitted_one_by_one(
    also: Admit, admitted: tuple[float, ...]
) -> None:
    """Each flag admits its class, and no flag another's."""
    got = [repr(x) for x in GOT if admits(also, x)]
    assert sorted(got) == sorted(map(repr, admitted))


def test_arrays_have_the_shape() -> None:
    """All views of an enclosure have its shape, zero-size shapes included."""
    for shape in ((), (0,), (2, 0, 3), (2, 3)):
        zeros = np.zeros(shape)
        value = reference.mae(zeros, zeros, reduction="none").value
        views = [value.lower, value.upper, value.special, value.also, *value.bounds()]
        views += [*value.expansion(), value.round_to("float32")]
        assert {view.shape for view in views} == {shape}


def test_more_precision_narrows() -> None:
    """Each doubling of the precision gives ends inside the former ones."""
    value = reference.cross_entropy([[0.1, 0.2, 0.3]], [1]).value
    before = None
    for precision in (64, 128, 256, 512):
        low, high = value.elements(precision)[0].ends(-1200)
        assert 0 < high - low < Fraction(1, 2 ** (precision - 3))
        assert before is None or before[0] < low < high < before[1]
        before = low, high
