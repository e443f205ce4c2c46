"""Properties that no other test states, found missing by editing the oracle wrongly."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_fields import MpmathField

import reference
from reference import Admit, ProblemError, admits, description
from reference.columns import Columns
from reference.element import Element, element
from reference.fast.accumulator import _Bins
from reference.fast.differences import Answer, Scale
from reference.fast.grouped import Grouped
from reference.formats import FORMATS
from reference.lazy import Lazy
from reference.losses.mae import MAE
from reference.losses.mse import MSE
from reference.losses.regression import gradients
from reference.numbers import Numbers
from reference.precision import TIERS
from reference.problem import regression_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.losses.regression import Regression


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8"])
@pytest.mark.parametrize("given_", [[0, 3], [3, 0], [0, 127]])
def test_class_indices_of_arrays_are_below_c(dtype: str, given_: list[int]) -> None:
    """C and above is refused in integer arrays, wherever it stands."""
    target = np.array(given_, dtype=dtype)
    with pytest.raises(ProblemError, match=r"indices in \[0, 3\)") as caught:
        reference.cross_entropy(np.zeros((2, 3)), target)
    assert caught.value.argument == "target"


@pytest.mark.parametrize("index", [-1, -99, -101, -128])
def test_class_indices_of_arrays_are_not_negative(index: int) -> None:
    """No negative number but `ignore_index` is accepted: none counts from the end."""
    target = np.array([0, index], dtype=np.int8)
    with pytest.raises(ProblemError, match=f"ignore_index=-100, got {index}"):
        reference.cross_entropy(np.zeros((2, 3)), target)
    reference.cross_entropy(np.zeros((2, 3)), target, ignore_index=index)


def test_ignore_index_zero_is_refused_beside_probabilities() -> None:
    """No class is ignored in silence where the target has no indices, nor class 0."""
    with pytest.raises(ProblemError, match="be negative when target holds class prob"):
        reference.cross_entropy([[0.0, 1.0]], [[0.5, 0.5]], ignore_index=0)


def repeated(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a view that NumPy itself made read-only."""
    return np.broadcast_to(array, (3, *array.shape))


def locked(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a view that only this name cannot write through."""
    view = array.view()
    view.flags.writeable = False
    return view


@pytest.mark.parametrize("view_of", [repeated, locked])
def test_reading_copies_what_others_can_write_to(view_of: Callable[..., Any]) -> None:
    """A read-only view of an array that changes afterwards changes nothing."""
    array = np.array([1.0, 2.0])
    numbers = Numbers.read("input", view_of(array))
    array[0] = 5.0
    assert set(numbers.values.ravel()) == {1, 2}


@given(values=st.lists(st.fractions() | st.floats(allow_nan=False), min_size=1))
def test_floats_stand_for_the_numbers_exactly(values: list[float | Fraction]) -> None:
    """Numbers that are not all floats are never offered as floats, rounded."""
    numbers = Numbers.read("input", values)
    floats = numbers.floats
    if floats is None:
        assert any(isinstance(v, Fraction) for v in values)
    else:
        assert floats.tolist() == numbers.values.tolist()


@pytest.mark.parametrize("special", [math.inf, -math.inf, math.nan])
def test_bounds_of_a_special_value_are_that_value(special: float) -> None:
    """Where nan or an infinity is required, no finite number is inside the bounds."""
    value = reference.mae([special, 1.0], [0.0, 0.0], reduction="sum").value
    expected = abs(special)  # the loss of −inf is inf
    low, high = (bound.item() for bound in value.bounds())
    assert repr(low) == repr(high) == repr(expected)
    gradient = reference.mse([special], [0.0]).gradient["target"]
    low, high = (bound.item() for bound in gradient.bounds())
    assert repr(low) == repr(high) == repr(-special)


@given(
    row=st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=4, unique=True),
    digits=st.sampled_from([19, 20, 38, 39]),
)
def test_digits_at_the_edge_of_a_precision_are_right(
    row: list[float], digits: int
) -> None:
    """Of as many digits as 64 or 128 bits just reach, the last one is right too."""
    text = reference.cross_entropy([row], [0]).value.describe(0, digits)
    field = MpmathField(1000)
    whole = sum(field.exp(field.of(Fraction(x) - Fraction(row[0]))) for x in row)
    value = field.fraction(field.log(whole))
    unit = Fraction(10) ** (math.floor(math.log10(value)) - digits + 1)
    assert text.endswith("…")
    assert abs(Fraction(text[:-1]) - value) <= unit * (
        Fraction(1, 2) + Fraction(1, 10**9)
    )


@given(
    addends=st.lists(st.integers(2**60 - 2**40, 2**60 - 1), min_size=9, max_size=40),
    calls=st.integers(1, 8),
)
def test_bins_that_are_nearly_full_are_emptied(addends: list[int], calls: int) -> None:
    """Eight numbers below 2**60 fill an int64; many more are added exactly."""
    bins = _Bins(limbs=1, spacing=0, width=60, exponents=4)
    for start in range(0, len(addends), calls):
        some = np.array(addends[start : start + calls])
        bins.add([some], np.zeros(some.shape, dtype=np.int64))
    assert bins.total() == sum(addends)
    assert bins.total() == sum(addends)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_sequences_of_other_lengths_are_different(length: int) -> None:
    """What begins alike and goes on, or ends before, is another sequence."""
    items = [element(Fraction(i)) for i in range(4)]
    short = Lazy(length, items.__getitem__)
    assert short != items
    assert short != Lazy(4, items.__getitem__)
    assert Lazy(4, items.__getitem__) != items[:length]


# --- cross-entropy: rows of the table of special values


def test_nan_upstream_admits_nothing_else_where_the_total_weight_is_zero() -> None:
    """Nan times anything is nan: the unsigned zero of W does not matter then."""
    options: dict[str, Any] = {"weight": [1.0, -1.0], "upstream": math.nan}
    result = reference.cross_entropy([[0.0, 1.0], [2.0, 0.0]], [0, 1], **options)
    gradient = result.gradient["input"]
    assert np.isnan(gradient.round_to("binary64")).all()
    assert not gradient.also.any()


def test_quotient_rule_admits_what_the_mean_admits() -> None:
    """A mean that may be nan makes the gradients by the weights it enters nan too."""
    rows = [[-math.inf, 0.0], [0.0, 0.0]]
    result = reference.cross_entropy(rows, [0, 1], weight=[0.0, 1.0])
    assert result.value.also.item() == Admit.NAN
    gradient = result.gradient["weight"]
    assert gradient.also[1] == Admit.NAN
    assert gradient.round_to("binary64")[1] == 0  # log 2 − log 2


def test_gradient_by_weight_where_the_total_weight_is_zero() -> None:
    """Quotients by an unsigned zero are nan, and may be infinite, or 0."""
    result = reference.cross_entropy([[0.0, 1], [2, 0]], [0, 1], weight=[1.0, -1.0])
    gradient = result.gradient["weight"]
    assert np.isnan(gradient.round_to("binary64")).all()
    for flags in gradient.also.ravel().tolist():
        assert all(admits(flags, got) for got in (math.inf, -math.inf, 0.0))
        assert not admits(flags, 1.5)


def test_gradient_by_weight_where_all_rows_are_ignored() -> None:
    """It is 0, and nan is admitted, as for the gradient by the logits."""
    result = reference.cross_entropy([[0.0, 1.0]], [-100], weight=[1.0, 2.0])
    for gradient in result.gradient.values():
        assert (gradient.round_to("binary64") == 0).all()
        assert set(gradient.also.ravel().tolist()) == {Admit.NAN}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_gradient_by_weight_is_open_beside_plus_infinity(place: int) -> None:
    """In whatever row the +inf is, nan is required and every limit is admitted."""
    rows = [[0.0, 1.0], [2.0, 0.0], [1.0, 1.0]]
    rows[place][0] = math.inf
    gradient = reference.cross_entropy(rows, [0, 1, 1], weight=[1.0, 2.0]).gradient
    assert np.isnan(gradient["weight"].round_to("binary64")).all()
    also = gradient["weight"].also.ravel().tolist()
    for got in (math.inf, -math.inf, 1.5):
        assert all(admits(flags, got) for flags in also)


@pytest.mark.parametrize("factor", [math.inf, -math.inf])
def test_infinite_weight_of_a_certain_class(factor: float) -> None:
    """Infinity times a surprise of exactly 0 is nan, times a positive one infinite."""
    certain = reference.cross_entropy([[5.0]], [0], weight=[factor], reduction="sum")
    assert math.isnan(certain.value.round_to("binary64").item())
    open_ = reference.cross_entropy(
        [[5.0, 5.0]], [0], weight=[factor, 1.0], reduction="sum"
    )
    assert open_.value.round_to("binary64").item() == factor


@given(
    head=st.floats(1e-3, 1e3),
    bits=st.integers(10, 70),
    digits=st.integers(1, 20),
)
def test_digits_of_columns_are_those_of_both_ends(
    head: float, bits: int, digits: int
) -> None:
    """Where an interval has two texts, none is shown."""
    radius = head / 2.0**bits
    columns = Columns(np.array([head]), np.array([0.0]), np.array([radius]))
    text = description.seen(columns, digits)
    assert text.endswith("…") or not text
    if text:
        unit = Fraction(10) ** (math.floor(math.log10(head)) - digits + 1)
        for end in (-Fraction(radius), Fraction(radius)):
            error = abs(Fraction(text[:-1]) - Fraction(head) - end)
            assert error <= unit * (Fraction(1, 2) + Fraction(1, 10**9))


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("sign", [1, -1])
def test_both_ends_round_to_what_is_decided_at_a_power_of_two(
    name: str, sign: int
) -> None:
    """Around 1 the midpoint below is half as far away as the one above."""
    fmt = FORMATS[name]
    ulp = float(fmt.ulp(Fraction(1)))
    radius = np.array([0.05, 0.2, 0.3, 0.4]) * ulp
    _, decided = Columns(np.full(4, float(sign)), np.zeros(4), radius).round(fmt)
    assert decided[0]
    assert not decided[2:].any()  # 1 − ulp/4 is a midpoint


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("radius", [0.0, 2.0**-80])
def test_what_is_decided_next_to_the_midpoint_below_a_power_of_two_is_right(
    name: str, sign: int, radius: float
) -> None:
    """A bit below 1 − ulp/4 the nearest number is 1 − ulp/2, a bit above it is 1."""
    fmt = FORMATS[name]
    midpoint = 1 - fmt.ulp(Fraction(1)) / 4
    head = sign * float(midpoint)  # 1 in binary64, where the tail has the rest
    for bit in (-(2.0**-70), 2.0**-70):
        tail = float(sign * midpoint - Fraction(head)) + sign * bit
        columns = Columns(*(np.array([v]) for v in (head, tail, radius)))
        got, decided = columns.round(fmt)
        exact = fmt.round(Fraction(head) + Fraction(tail))
        assert exact == sign * (1 if bit > 0 else float(1 - fmt.ulp(Fraction(1)) / 2))
        assert not decided.item() or got.item() == exact


def test_infinite_mean_over_a_negative_total_weight() -> None:
    """The mean of an infinite loss has the sign of the quotient."""
    loss = reference.cross_entropy([[-math.inf, 0.0]], [0], weight=[-2.0, 1.0])
    assert loss.value.round_to("binary64").item() == math.inf
    rows = [[-math.inf, 0.0], [0.0, 0.0]]
    loss = reference.cross_entropy(rows, [0, 1], weight=[1.0, -3.0])
    assert loss.value.round_to("binary64").item() == -math.inf


@pytest.mark.parametrize("weight", [math.inf, -math.inf])
def test_mean_over_an_infinite_total_weight_is_open(weight: float) -> None:
    """Infinity over infinity is nan; an order of operations that avoids it may pass."""
    value = reference.cross_entropy([[0.0, 1.0]], [0], weight=[weight, 1.0]).value
    assert math.isnan(value.round_to("binary64").item())
    for got in (math.inf, -math.inf, 1.5, 0.0):
        assert admits(value.also.item(), got)


# --- sums over repeated axes, in columns


def given_terms(x: Any, y: Any, scale: Scale) -> Answer:
    """Return terms of size 1 that carry the radius y, known where that is below 1."""
    del x, scale
    return Answer(np.ones_like(y), np.zeros_like(y), y, y < 1)


@given(
    radii=st.lists(
        st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=6
    ),
    of_scale=st.sampled_from([0.0, 0.25]),
)
def test_sums_carry_the_radii_of_terms_and_scale(
    radii: list[list[int]], of_scale: float
) -> None:
    """A sum is as uncertain as its terms, and left open if one of them is."""
    y = np.array(radii) / 4
    asked: list[int] = []

    def exactly(i: int) -> Element:
        asked.append(i)
        return element(Fraction(7))

    scale = Scale(1.0, 0.0, of_scale)
    items = Lazy(3, exactly)
    columns = Grouped(given_terms, (np.zeros(3), y), scale, items)(80, None)
    open_ = (y >= 1).any(axis=0)
    assert asked == np.flatnonzero(open_).tolist()
    assert (columns.head[~open_] == len(y)).all()
    least = y.sum(axis=0) + len(y) * of_scale
    assert (columns.radius >= least)[~open_].all()
    assert (columns.radius <= least * (1 + 2.0**-10))[~open_].all()


@pytest.mark.parametrize(
    ("shape", "full"),
    [((3,), (4, 6, 3)), ((1, 9, 1), (4, 9, 2)), ((), (5, 13)), ((1, 1), (8, 8))],
)
@pytest.mark.parametrize("loss", [MAE, MSE], ids=["mae", "mse"])
def test_gradients_are_summed_over_all_repeated_axes(
    loss: Regression, shape: tuple[int, ...], full: tuple[int, ...]
) -> None:
    """However many axes an argument is repeated along, in columns and by rationals."""
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal(shape), rng.standard_normal(full)
    name = "mae" if loss is MAE else "mse"
    problem = regression_problem(name, x, y, reduction="mean", upstream=None)
    quick = gradients(loss, problem)["input"]
    slow = gradients(loss, problem, fast=False)["input"]
    head, tail, radius = quick.expansion()
    expected = slow.lower.ravel()
    for i, exact in enumerate(expected):
        middle = Fraction(head.ravel()[i]) + Fraction(tail.ravel()[i])
        assert abs(exact - middle) <= Fraction(radius.ravel()[i])
    assert quick.lower.ravel().tolist() == expected.tolist()


# --- cross-entropy, in columns


@pytest.mark.parametrize("bits", TIERS)
@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_elements_asked_for_alone_are_those_of_the_whole(
    bits: int, reduction: str
) -> None:
    """Value and gradients at some places, in any order, are what they are there."""
    rng = np.random.default_rng(2)
    logits, target = rng.standard_normal((5, 4, 3)), rng.integers(0, 4, (5, 3))
    result = reference.cross_entropy(logits, target, reduction=reduction)
    again = reference.cross_entropy(logits, target, reduction=reduction)
    for whole, some in (
        (result.value, again.value),
        (result.gradient["input"], again.gradient["input"]),
    ):
        size = int(np.prod(whole.shape))
        at = rng.permutation(size)[: max(size // 2, 1)].astype(np.intp)
        expected, got = whole.columns(bits), some.columns(bits, at)
        for field in ("head", "tail", "radius"):
            picked = getattr(expected, field).ravel()[at]
            assert np.array_equal(getattr(got, field), picked)


@pytest.mark.parametrize("bits", TIERS)
def test_probability_at_a_gap_beyond_the_range_is_not_zero(bits: int) -> None:
    """A finite gap that overflows is finite: the gradient is positive, if only just."""
    largest = float(FORMATS["binary64"].largest)
    rows = np.array([[1e300, -largest], [1e300, -math.inf]])
    gradient = reference.cross_entropy(rows, [0, 0], reduction="sum").gradient["input"]
    columns = gradient.columns(bits).plain()
    assert columns.radius[0, 1] > 0
    assert columns.radius[1, 1] == columns.head[1, 1] == 0
