"""The judge says what its definition says, in exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from conformance import judge as module
from conformance.case import numpy_dtype
from conformance.judge import Question, judge
from conformance.tolerance import Bound
from conformance.verdict import Evidence, Status, Verdict
from reference import Admit, Enclosure, format_named
from reference.element import Element

if TYPE_CHECKING:
    from collections.abc import Sequence

INF, NAN = math.inf, math.nan
FORMATS = ("float16", "bfloat16", "float32", "float64")
LARGE = {name: float(format_named(name).largest) for name in FORMATS}


def enclosed(*values: Element | Fraction | float) -> Enclosure:
    """Return an array of exact rationals or ready elements."""
    items = [v if isinstance(v, Element) else Element(Fraction(v)) for v in values]
    return Enclosure((len(items),), lambda _: items)


def bounded(*errors: float) -> Bound:
    """Return a bound in two equal parts."""
    array = np.array(errors)
    return Bound("RULE", array, {"half": array / 2, "other half": array / 2})


def asked(
    exact: Enclosure,
    errors: Sequence[float] | float = 0.0,
    *,
    dtype: str = "float64",
    lanes: float | None = None,
    signed: bool = False,
) -> Question:
    """Return a question; one error may stand for all."""
    full = np.broadcast_to(np.asarray(errors, dtype=np.float64), exact.shape)
    narrow = None if lanes is None else bounded(*[lanes] * exact.shape[0])
    return Question("value", exact, bounded(*full), narrow, dtype, signed)


def verdict(
    exact: Element | Fraction | float,
    got: float,
    error: float = 0.0,
    dtype: str = "float64",
    **options: Any,
) -> Verdict:
    """Return the verdict on one number."""
    array = np.array([got]).astype(numpy_dtype(dtype))
    return judge(asked(enclosed(exact), error, dtype=dtype, **options), array)


def outcome(*arguments: Any, **options: Any) -> tuple[Status, str]:
    """Return status and kind of the verdict on one number."""
    given = verdict(*arguments, **options)
    return given.status, given.kind


CONFORMS = (Status.CONFORMS, "")
VIOLATES = (Status.VIOLATES, "value")

moderate = st.floats(-(2.0**1000), 2.0**1000)
anything = st.floats(allow_nan=False, allow_infinity=False)
errors = st.floats(0, 2.0**1000)


@given(got=anything, exact=st.fractions() | anything.map(Fraction), error=errors)
def test_a_finite_result_conforms_iff_it_is_near(
    got: float, exact: Fraction, error: float
) -> None:
    """A number conforms if and only if |got − exact| ≤ B, decided without rounding."""
    near = abs(Fraction(got) - exact) <= Fraction(error)
    status, kind = outcome(exact, got, error)
    assert (status is Status.CONFORMS) == near
    assert near or (status is Status.VIOLATES and kind in {"value", "sign"})


@given(exact=st.fractions(-9, 9), ulps=st.integers(-3, 3), off=st.integers(-2, 2))
def test_a_result_on_the_edge_of_its_bound_is_decided_exactly(
    exact: Fraction, ulps: int, off: int
) -> None:
    """Results at a distance of B, give or take 2**−50 of it, are decided rightly."""
    got = float(exact) + ulps * 2.0**-45
    error = float(abs(Fraction(got) - exact)) * (1 + off * 2.0**-50)
    near = abs(Fraction(got) - exact) <= Fraction(error)
    assert (outcome(exact, got, error)[0] is Status.CONFORMS) == near


@pytest.mark.parametrize("row", [[0.0, 0.0], [1.0, 3.0], [0.5, -20.0], [0.0, -40.0]])
def test_a_close_call_raises_the_precision(row: list[float]) -> None:
    """A bound within 2**−100 of the error of a transcendental value is no obstacle."""
    value = reference.cross_entropy([row], [0]).value
    got = value.round_to("binary64")
    low, high = value.distance(0, float(got), 1024)
    assert high - low < Fraction(1, 2**100)
    near = float(low)
    above, below = np.nextafter(near, INF), np.nextafter(near, 0.0)
    for error in (near, above, below):
        bound = Bound("RULE", np.asarray(error), {})
        status = judge(Question("value", value, bound, None, "float64"), got).status
        expected = (
            Status.CONFORMS if high <= Fraction(float(error)) else Status.VIOLATES
        )
        assert status is expected


@given(
    got=moderate,
    head=moderate,
    tail=st.floats(-(2.0**900), 2.0**900),
    radius=st.floats(0, 1),
)
def test_the_error_interval_contains_the_error(
    got: float, head: float, tail: float, radius: float
) -> None:
    """The vectorised interval contains |got − exact| for every exact it stands for."""
    arrays = (np.array([v]) for v in (got, head, tail, radius))
    with np.errstate(all="ignore"):
        low, high = module._error(*arrays)  # noqa: SLF001 - its arithmetic is the point
    middle = Fraction(got) - Fraction(head) - Fraction(tail)
    for exact in (middle - Fraction(radius), middle, middle + Fraction(radius)):
        assert Fraction(float(low[0])) <= abs(exact) <= Fraction(float(high[0]))
    width = Fraction(float(high[0])) - Fraction(float(low[0]))
    assert width <= 2 * Fraction(radius) + (abs(middle) + abs(Fraction(tail))) / 2**48


@pytest.mark.parametrize("dtype", FORMATS)
def test_nan_never_conforms_to_a_number(dtype: str) -> None:
    """NaN for a number is of the wrong class, however large the finite bound."""
    assert outcome(1.0, NAN, 1e30, dtype) == (Status.WRONG_CLASS, "nan")


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("sign", [1, -1])
def test_infinity_is_due_from_the_overflow_threshold(dtype: str, sign: int) -> None:
    """±inf conforms if and only if |exact| + B reaches what rounds to infinity."""
    fmt = format_named(dtype)
    threshold, step = fmt.overflow_threshold, fmt.ulp(fmt.largest) / 4
    below = sign * (threshold - step)
    assert outcome(sign * threshold, sign * INF, 0.0, dtype) == CONFORMS
    assert outcome(below, sign * INF, float(step), dtype) == CONFORMS
    wrong = (Status.WRONG_CLASS, "infinity")
    assert outcome(below, sign * INF, 0.0, dtype) == wrong
    assert outcome(below, sign * INF, float(step) * 0.999, dtype) == wrong
    assert outcome(sign * threshold, -sign * INF, 0.0, dtype) == wrong


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_number_where_overflow_is_due_is_wrong(dtype: str) -> None:
    """Below the threshold a number may stay one; from |exact| − B on it may not."""
    fmt, largest = format_named(dtype), LARGE[dtype]
    gap = float(fmt.overflow_threshold - fmt.largest)
    exact = fmt.overflow_threshold
    assert outcome(exact, largest, gap / 2, dtype) == VIOLATES
    assert outcome(exact, largest, gap, dtype) == CONFORMS
    assert outcome(exact + 1, largest, 0.0, dtype) == (Status.WRONG_CLASS, "finite")
    assert outcome(-exact * 2, -largest, 1.0, dtype) == (Status.WRONG_CLASS, "finite")


def test_exact_values_beyond_float64_are_judged() -> None:
    """An exact value that no float64 holds is infinity's, and nobody else's."""
    exact = Fraction(2) ** 1030
    assert outcome(exact, INF) == CONFORMS
    assert outcome(exact, -INF) == (Status.WRONG_CLASS, "infinity")
    assert outcome(exact, 1e308, 1e300) == (Status.WRONG_CLASS, "finite")
    assert outcome(-exact, -INF) == CONFORMS


@given(
    got=st.sampled_from([-1.75e308, -1e308, 1e308, 1.75e308]),
    exact=st.sampled_from([-1.75e308, 1e308, 1.7e308]),
    error=st.sampled_from([0.0, 1e308, 1.79e308]),
)
def test_huge_numbers_are_compared_without_overflow(
    got: float, exact: float, error: float
) -> None:
    """Differences beyond the largest float64 are differences all the same."""
    near = abs(Fraction(got) - Fraction(exact)) <= Fraction(error)
    assert (outcome(exact, got, error)[0] is Status.CONFORMS) == near


@given(steps=st.integers(-4, 4), base=st.integers(0, 3), error=st.integers(0, 4))
def test_subnormal_numbers_are_compared_exactly(
    steps: int, base: int, error: int
) -> None:
    """Multiples of the smallest float64 are told apart."""
    least = 2.0**-1074
    status, _ = outcome(base * least, (base + steps) * least, error * least)
    assert (status is Status.CONFORMS) == (abs(steps) <= error)


def test_values_below_every_float64_are_judged() -> None:
    """A loss of e**−5000 is neither zero nor a subnormal number, but near both."""
    value = reference.cross_entropy([[0.0, -5000.0]], [0]).value
    least = 2.0**-1074

    def status(got: float, error: float) -> Status:
        bound = Bound("RULE", np.asarray(error), {})
        return judge(
            Question("value", value, bound, None, "float64"), np.array(got)
        ).status

    assert status(0.0, least) is Status.CONFORMS
    assert status(least, least) is Status.CONFORMS
    assert status(2 * least, least) is Status.VIOLATES


@pytest.mark.parametrize("special", [NAN, INF, -INF])
@pytest.mark.parametrize("got", [NAN, INF, -INF, 0.0, 5.0])
def test_a_special_value_is_required(special: float, got: float) -> None:
    """Where the table requires nan or an infinity, only that conforms."""
    same = got == special or (math.isnan(got) and math.isnan(special))
    kinds = {NAN: "nan", INF: "infinity", -INF: "infinity"}
    kind = "nan" if math.isnan(got) else kinds.get(got, "finite")
    expected = CONFORMS if same else (Status.WRONG_CLASS, kind)
    assert outcome(Element(special=special), got, 1.0) == expected


@pytest.mark.parametrize(
    ("also", "admitted"),
    [
        (Admit.NAN, [NAN]),
        (Admit.PLUS_INFINITY, [INF]),
        (Admit.MINUS_INFINITY, [-INF]),
        (Admit.ZERO, [0.0, -0.0]),
        (Admit.FINITE, [0.0, 3.0, -7.0]),
        (Admit.NAN | Admit.ZERO, [NAN, 0.0]),
    ],
)
def test_other_classes_are_admitted_where_the_table_says_so(
    also: Admit, admitted: list[float]
) -> None:
    """Beside a required number exactly the listed classes conform."""
    item = Element(Fraction(1, 2), also=also)
    for got in (NAN, INF, -INF, 0.0, -0.0, 3.0, -7.0, 0.5):
        conforms = got == 0.5 or any(
            got == a or (math.isnan(got) and math.isnan(a)) for a in admitted
        )
        conforms |= bool(also & Admit.FINITE) and math.isfinite(got)
        assert (outcome(item, got)[0] is Status.CONFORMS) == conforms


def test_an_infinite_bound_promises_nothing() -> None:
    """Whatever is returned where B is infinite is vacuous, nan included."""
    for got in (1.0, -1e300, NAN, INF):
        assert outcome(1.0, got, INF) == (Status.VACUOUS, "")


def test_special_values_outrank_an_infinite_bound() -> None:
    """A required nan is required even where no bound is promised."""
    assert outcome(Element(special=NAN), 1.0, INF) == (Status.WRONG_CLASS, "finite")


def test_between_lanes_and_any_order_is_suspect() -> None:
    """Errors beyond the usual sum but inside any order are shown, not failed."""
    for error, expected in ((0.5, Status.CONFORMS), (1.5, Status.SUSPECT)):
        assert verdict(0, error, 2.0, lanes=1.0).status is expected
    assert verdict(0, 2.5, 2.0, lanes=1.0).status is Status.VIOLATES
    assert verdict(0, 1.5, 1.5, lanes=1.5).status is Status.CONFORMS
    # Near the threshold the same question is answered element by element.
    big = LARGE["float64"]
    lower = big - 2.0**973
    assert verdict(big, lower, 2.0**974, lanes=2.0**972).status is Status.SUSPECT
    assert verdict(big, lower, 2.0**974, lanes=2.0**973).status is Status.CONFORMS


def test_lanes_still_tell_where_any_order_promises_nothing() -> None:
    """Beyond the bound of lanes a result is suspect though any order has no bound."""
    assert verdict(0, 0.5, INF, lanes=1.0).status is Status.VACUOUS
    assert verdict(0, 0.5, INF, lanes=INF).status is Status.VACUOUS
    for got in (1.5, NAN, INF):
        assert verdict(0, got, INF, lanes=1.0).status is Status.SUSPECT


def test_the_resolution_is_the_bound_in_parts_of_the_exact_value() -> None:
    """It is bound/|exact|, and infinite where there is nothing to resolve."""
    assert verdict(2, 2.0, 0.5).resolution == 0.25
    assert verdict(-2, 2.0, 3.0).resolution == 1.5
    assert verdict(0, 0.0, 1.0).resolution == INF
    assert verdict(2, 2.0, INF).resolution == INF


def test_a_sign_counts_only_beyond_the_bound_unless_it_always_does() -> None:
    """The wrong sign within B conforms, except for gradients that are signs."""
    assert outcome(1e-3, -1e-3, 1.0) == CONFORMS
    assert outcome(1e-3, -1e-3, 1.0, signed=True) == (Status.WRONG_CLASS, "sign")
    assert outcome(1e-3, 0.0, 1.0, signed=True) == CONFORMS
    assert outcome(0, -1.0, 1.0, signed=True) == CONFORMS
    assert outcome(1.0, -1.0, 0.5) == (Status.VIOLATES, "sign")
    assert outcome(1.0, -1.0, INF, signed=True) == (Status.VACUOUS, "")


def test_a_zero_bound_asks_for_the_exact_value() -> None:
    """With B = 0 the ratio is 0 or infinite; zeros of either sign are equal."""
    assert verdict(3, 3.0).ratio == 0
    assert verdict(3, np.nextafter(3.0, 4)).ratio == INF
    assert outcome(3, np.nextafter(3.0, 4)) == VIOLATES
    assert outcome(0, -0.0) == CONFORMS


@given(
    values=st.lists(
        st.tuples(st.fractions(-100, 100), st.integers(-3, 3)), min_size=1, max_size=9
    ),
    dtype=st.sampled_from(FORMATS),
)
def test_ulps_and_roundings_are_counted(
    values: list[tuple[Fraction, int]], dtype: str
) -> None:
    """Ulp errors, and how many results are correctly rounded, agree with Fractions."""
    fmt = format_named(dtype)
    got, distances = [], []
    for exact, steps in values:
        result = fmt.round(Fraction(fmt.round(exact)) + steps * fmt.ulp(exact))
        got.append(result)
        distances.append(abs(Fraction(result) - exact) / fmt.ulp(exact))
    exact = enclosed(*(e for e, _ in values))
    made = judge(asked(exact, 1e9, dtype=dtype), fmt.array(got, exact.shape))
    assert made.measured == len(values)
    assert made.rounded == sum(d <= Fraction(1, 2) for d in distances)
    assert made.ulps == pytest.approx(float(max(distances)), rel=1e-9)


def test_specials_and_vacuous_elements_are_not_measured() -> None:
    """Ratio and ulp speak of numbers with a finite bound only."""
    exact = enclosed(1.0, Element(special=NAN), 2.0, 3.0)
    made = judge(asked(exact, [1.0, 1.0, INF, 1.0]), np.array([1.5, NAN, 9.0, 3.25]))
    assert (made.measured, made.ratio, made.elements) == (2, 0.5, 4)
    assert made.counts == {"conforms": 3, "vacuous": 1}
    assert made.status is Status.VACUOUS


def test_the_gravest_status_speaks_for_all() -> None:
    """One verdict reports its worst element, with the largest ratio of that status."""
    exact, got = enclosed(0, 0, 0, 0), np.array([1.0, 3.0, NAN, 5.0])
    made = judge(asked(exact, 2.0), got)
    assert made.status is Status.VIOLATES
    assert made.evidence.index == (3,)
    assert made.counts == {"conforms": 1, "violates": 2, "wrong-class": 1}


def test_a_comparison_that_zeros_would_pass_is_weak() -> None:
    """It is weak if B reaches |exact| for every measured element."""
    assert judge(asked(enclosed(1, 2), 2.0), np.array([1.0, 2.0])).weak
    assert not judge(asked(enclosed(1, 2), 1.5), np.array([1.0, 2.0])).weak
    assert not judge(asked(enclosed(), 0.0), np.zeros(0)).weak


def test_nothing_to_judge_conforms() -> None:
    """An empty quantity conforms, with no element and no evidence."""
    made = judge(asked(enclosed()), np.zeros(0))
    assert (made.status, made.elements, made.evidence) == (
        Status.CONFORMS,
        0,
        Evidence(),
    )


def test_the_evidence_shows_the_worst_element() -> None:
    """A failure carries place, exact value, result, error, bound, rule and causes."""
    exact = reference.mae([1, 2, 3], [1, 2, 5]).value
    bound = Bound("MAE-MEAN", np.asarray(0.01), {"a": np.asarray(0.004)})
    made = judge(Question("value", exact, bound, None, "float32"), np.float32(0.5))
    evidence = made.evidence
    assert (evidence.index, evidence.exact, evidence.rule) == ((), "2/3", "MAE-MEAN")
    assert (evidence.got, evidence.got_hex) == ("0.5", "0x1.0000000000000p-1")
    assert evidence.rounded == "0x1.5555560000000p-1"
    assert (evidence.error, evidence.bound) == ("0.166667", "0.01")
    assert evidence.terms == {"a": 0.004}
    assert made.ratio == pytest.approx(100 / 6)


def test_an_undecidable_value_is_inconclusive() -> None:
    """A value that no precision separates from the edge of its bound is no verdict."""
    from mpmath import libmp

    from reference.remainder import Remainder

    item = Element(Fraction(1), Remainder(libmp.fzero, libmp.from_float(0.5)))
    assert outcome(item, 1.25, 0.25)[0] is Status.CONFORMS
    assert outcome(item, 1.0, 0.25)[0] is Status.INCONCLUSIVE
    assert outcome(item, 4.0, 0.25)[0] is Status.VIOLATES
