"""The transcendental part: libmp's functions, their errors, the widening."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import libmp
from plain_fields import ArbField, MpmathField, arb_field

from reference import remainder
from reference.losses.logforms import Evaluator, Form, Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reference.remainder import Remainder

PRECISIONS = (64, 128, 700, 2048, 4096)
BITS = 6000

gaps = st.one_of(
    st.fractions(0, 100),
    st.integers(0, 3000).map(Fraction),
    st.floats(0, 1e4).map(Fraction),
    st.floats(0, 1e-300).map(Fraction),
    st.sampled_from([10**30, 2**53, 16777217]).map(
        lambda n: Fraction(n) + Fraction(1, 3)
    ),
    st.just(Fraction(2 * int(1e308))),
    st.just(Fraction(1e308) + Fraction(1, 7)),
)
spreads = st.builds(
    lambda k, gaps: Spread(k, tuple(sorted(gaps.items()))),
    st.integers(1, 4),
    st.dictionaries(gaps.filter(bool), st.integers(1, 3), max_size=4),
)
factors = st.fractions(max_denominator=10**6).filter(bool)


@pytest.fixture(scope="module", params=["arb", "mpmath"])
def field(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return a second source of 6000 bits and more."""
    if request.param == "arb":
        yield from arb_field(BITS)
    else:
        yield MpmathField(BITS)


def relative_error(field: Any, got: Any, number: Any) -> float:
    """Return |got − number| ÷ |number| for one of libmp's values."""
    error = abs((_raw(field, got) - number) / number)
    if isinstance(field, ArbField):
        assert error.is_finite()
        return float(error.upper())
    return float(error)


def _raw(field: Any, value: Any) -> Any:
    context = (
        field.context if isinstance(field, MpmathField) else MpmathField(53).context
    )
    number = context.make_mpf(value)
    return number if isinstance(field, MpmathField) else field.flint.arb(number)


def log_of(field: Any, spread: Spread) -> Any:
    """Return log(k + Σ n e^−t): without a shift where that loses nothing."""
    rest = field.of(Fraction(0))
    for gap, count in spread.gaps:
        rest = rest + count * field.exp(field.of(-gap))
    if isinstance(field, ArbField):
        return (rest + (spread.largest - 1)).log1p()
    return field.context.log1p(rest + (spread.largest - 1))


@pytest.mark.parametrize("wp", PRECISIONS)
@settings(max_examples=25)
@given(gap=gaps)
def test_exp_is_within_two_units(field: Any, wp: int, gap: Fraction) -> None:
    """It is right to two units of its last place; 2**20 are trusted."""
    got = remainder.exp_negative(gap, wp)
    argument = field.of(-gap)
    assert relative_error(field, got, field.exp(argument)) <= 2.0 ** (1 - min(wp, 1000))


@pytest.mark.parametrize("wp", PRECISIONS)
@settings(max_examples=25)
@given(k=st.integers(1, 5), rest=gaps.filter(bool), shift=st.integers(0, 5000))
def test_log_of_sum_is_relative(
    field: Any, wp: int, k: int, rest: Fraction, shift: int
) -> None:
    """log(k + s) is right to two units, also where it is nearly s or nearly 0."""
    s = remainder.from_fraction(rest / 2**shift, wp)
    number = _raw(field, s) + (k - 1)
    number = (
        number.log1p() if isinstance(field, ArbField) else field.context.log1p(number)
    )
    got = remainder.log_sum(k, s, wp)
    assert relative_error(field, got, number) <= 2.0 ** (1 - min(wp, 1000))


def middle(part: Remainder) -> Any:
    """Return the centre of a remainder, where the unwidened value was."""
    return libmp.mpf_shift(libmp.mpf_add(part.lower, part.upper), -1)


def widest(
    field: Any, factors: dict[Spread, Fraction], precision: int
) -> dict[str, float]:
    """Return the errors of Σ κ log S and of all softmax terms, as shares of the bound.

    The bound is the one that the module's docstring derives: 2**(−P − 9).
    """
    evaluator, errors = Evaluator(), {"log": 0.0, "softmax": 0.0}
    made = {s: k for s, k in factors.items() if s.gaps or s.largest > 1}
    for spread, kappa in factors.items():
        whole = field.exp(log_of(field, spread))
        for gap, _ in ((Fraction(0), 1), *spread.gaps):
            if gap or spread.gaps:
                part = evaluator.softmax(Fraction(0), kappa, spread, gap, precision)
                number = field.exp(field.of(-gap)) / whole
                if not gap:
                    # 1/k − p, without cancellation
                    number = rest_of(field, spread) / (whole * spread.largest)
                error = relative_error(
                    field, absolute(part.remainder), number * field.of(kappa)
                )
                errors["softmax"] = max(errors["softmax"], error)
    if made:
        part = evaluator.form(Form(Fraction(0), made), precision)
        number = field.of(Fraction(0))
        for spread, kappa in made.items():
            number = number + log_of(field, spread) * field.of(kappa)
        errors["log"] = relative_error(field, middle(part.remainder), number)
    return {name: error * 2.0 ** (precision + 9) for name, error in errors.items()}


def absolute(part: Remainder) -> Any:
    """Return the size of the unwidened value."""
    return libmp.mpf_abs(middle(part))


def rest_of(field: Any, spread: Spread) -> Any:
    """Return s = Σ n e^−t."""
    rest = field.of(Fraction(0))
    for gap, count in spread.gaps:
        rest = rest + count * field.exp(field.of(-gap))
    return rest


combinations = st.dictionaries(spreads, factors.map(abs), min_size=1, max_size=3)


@settings(max_examples=25)
@given(factors=combinations)
def test_error_is_far_below_the_bound(
    field: Any, factors: dict[Spread, Fraction]
) -> None:
    """The functions are 2**20 times better than trusted, and so is the result."""
    assert max(widest(field, factors, 64).values()) <= 2.0**-18


def disturbed(function: Callable[..., Any], units: int) -> Callable[..., Any]:
    """Return one of libmp's functions, `units` units of the last place off."""

    def off(x: Any, prec: int, rnd: str) -> Any:
        value = function(x, prec, rnd)
        step = libmp.from_man_exp(units, value[2] + value[3] - prec)
        return libmp.mpf_add(value, step) if value[1] else value

    return off


@pytest.fixture
def sample() -> list[dict[Spread, Fraction]]:
    """Return combinations of one to three rows, of gaps near 0 to far beyond 1."""
    rows: list[Spread] = []
    for i in range(36):
        start = Fraction(5 * i + 1, 7) / 2 ** (i % 9)
        gaps = {start * (j + 1): 1 + (i + j) % 2 for j in range(i % 6)}
        rows.append(Spread(1 + i % 4, tuple(gaps.items())))
    return [
        {
            row: Fraction(i + 2, 3 + i % 5)
            for row in dict.fromkeys(rows[i : i + 1 + i % 3])
        }
        for i in range(34)
    ]


@pytest.mark.parametrize("exp_units", [-(2**20), 2**20])
@pytest.mark.parametrize("log_units", [-(2**20), 2**20])
@pytest.mark.parametrize("precision", [64, 256])
def test_bound_holds_for_functions_as_bad_as_trusted(
    exp_units: int, log_units: int, precision: int, sample: list[dict[Spread, Fraction]]
) -> None:
    """With exp and log wrong by 2**20 ulp the bound holds, and is not idle.

    The widest error found is a ninth of the bound: what is left is rounded up.
    """
    field = MpmathField(2000)
    worst = {"log": 0.0, "softmax": 0.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libmp, "mpf_exp", disturbed(libmp.mpf_exp, exp_units))
        patch.setattr(libmp, "mpf_log", disturbed(libmp.mpf_log, log_units))
        for factors in sample:
            for name, share in widest(field, factors, precision).items():
                worst[name] = max(worst[name], share)
    assert 2.0**-4 <= worst["log"] <= 1
    assert 2.0**-4 <= worst["softmax"] <= 1


@given(b=st.integers(1, 40), precision=st.integers(1, 4096), data=st.data())
def test_bound_adds_up(b: int, precision: int, data: st.DataObject) -> None:
    """The last two rows of the docstring's table are below the bound it states."""
    unit = Fraction(2) ** (1 - (precision + remainder.GUARD_BITS + b))
    n, trusted = data.draw(st.integers(1, 2**b - 1)), 2**20
    of_sum = trusted + Fraction(3, 4) + Fraction(n, 2)
    of_log = Fraction(145, 100) * (of_sum + Fraction(1, 2)) + trusted
    of_form = of_log + 1 + Fraction(n - 1, 2)
    of_softmax = 2 * (of_sum + Fraction(1, 2)) + Fraction(3, 2)
    assert of_form <= Fraction(245, 100) * trusted + 4 + Fraction(13, 10) * n
    assert of_softmax <= 2 * trusted + 4 + n
    for error in (of_form, of_softmax):
        # Twice: products of (1 + error) are above their first-order sum.
        assert 2 * error * unit <= Fraction(2) ** (-precision - 9)


@given(s=st.floats(1e-40, 1e40), k=st.integers(2, 9))
def test_conditions_are_bounded(s: float, k: int) -> None:
    """Log(1 + s) passes errors of s on at most once, log(k + s) 1.45 times."""
    field = MpmathField(400)
    rest = field.of(Fraction(s))
    assert rest / ((1 + rest) * field.log(1 + rest)) <= 1
    assert 1 / field.log(k + rest) < field.of(Fraction(145, 100))


@given(
    man=st.integers(1, 2**200),
    exponent=st.integers(-5000, 5000),
    precision=st.integers(2, 300),
)
def test_widening_encloses(man: int, exponent: int, precision: int) -> None:
    """A widened value reaches 2**−P beyond itself on both sides, and hardly more."""
    value = libmp.from_man_exp(man, exponent)
    exact, slack = remainder.to_fraction(value), Fraction(1, 2**precision)
    part = remainder.widen(value, precision)
    low, high = remainder.to_fraction(part.lower), remainder.to_fraction(part.upper)
    assert exact * (1 - 2 * slack) <= low <= exact * (1 - slack)
    assert exact * (1 + slack) <= high <= exact * (1 + 2 * slack)
    assert part.sign == 1


@given(a=st.integers(0, 2**90), b=st.integers(0, 2**90), precision=st.integers(2, 100))
def test_difference_encloses(a: int, b: int, precision: int) -> None:
    """A difference encloses that of all values its parts stand for."""
    part = remainder.difference(libmp.from_int(a), libmp.from_int(b), precision)
    low, high = remainder.to_fraction(part.lower), remainder.to_fraction(part.upper)
    slack = Fraction(1, 2**precision)
    assert low <= a * (1 - slack) - b * (1 + slack)
    assert high >= a * (1 + slack) - b * (1 - slack)
    if low < 0 < high:
        assert part.sign is None
    elif a or b:
        assert part.sign == (1 if a > b else -1)


@given(
    value=st.fractions(),
    exponent=st.integers(-3000, 3000),
    precision=st.integers(10, 99),
)
def test_fractions_convert(value: Fraction, exponent: int, precision: int) -> None:
    """Dyadic rationals survive both conversions; others are rounded."""
    dyadic = Fraction(round(value)) * Fraction(2) ** exponent
    assert remainder.to_fraction(remainder.from_fraction(dyadic, 2)) == dyadic
    rounded = remainder.to_fraction(remainder.from_fraction(value, precision))
    assert abs(rounded - value) <= abs(value) / 2**precision


@given(man=st.integers(1, 2**80), exponent=st.integers(-(10**40), 10**40))
def test_magnitude_brackets(man: int, exponent: int) -> None:
    """2**(e−1) ≤ |v| < 2**e, for exponents of any size."""
    for signed in (man, -man):
        e = remainder.magnitude(libmp.from_man_exp(signed, exponent))
        assert Fraction(2) ** (e - 1 - exponent) <= man < Fraction(2) ** (e - exponent)


def test_nothing_has_sign_zero() -> None:
    """The remainder of a rational number is 0, and so is its sign."""
    assert remainder.NOTHING.sign == 0
    assert math.isclose(0.0, float(remainder.to_fraction(remainder.NOTHING.lower)))
