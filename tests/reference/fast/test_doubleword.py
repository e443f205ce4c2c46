"""Double-word arithmetic: exact where it says so, within its bounds elsewhere."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_kernels import fractions, normalised, read_only

from reference.fast import doubleword as dw

if TYPE_CHECKING:
    from collections.abc import Callable

    from plain_kernels import Floats, Pair

U: Final = Fraction(1, 2**53)


def floats(least: int, most: int) -> st.SearchStrategy[float]:
    """Floats of magnitudes 2**least to 2**most, short and long significands, and 0."""
    long = st.integers(2**52, 2**53 - 1)
    near = st.integers(0, 40).map(lambda i: 2**52 + i) | st.integers(0, 40).map(
        lambda i: 2**53 - 1 - i
    )
    short = st.integers(2**25, 2**28)
    significands = (long | near).map(lambda m: m / 2**52) | short.map(
        lambda m: m / 2**28
    )
    nonzero = st.builds(
        lambda m, e, sign: sign * m * 2.0**e,
        significands,
        st.integers(least + 3, most - 1),
        st.sampled_from([1, -1]),
    )
    return nonzero | st.just(0.0)


def one(value: float) -> Floats:
    """Return an array of one number."""
    return np.array([value])


def exact(pair: Pair) -> Fraction:
    """Return the sum of a double word of one element."""
    return fractions(*pair)[0]


@given(floats(-1074, 1022), floats(-1074, 1022))
def test_two_sum_is_exact(a: float, b: float) -> None:
    """The two results add up to a + b, and the first is its rounding."""
    high, low = dw.two_sum(one(a), one(b))
    assert exact((high, low)) == Fraction(a) + Fraction(b)
    assert high[0] == a + b


@given(floats(-1074, 1022), floats(-1074, 1022))
def test_fast_two_sum_is_exact_for_ordered_operands(a: float, b: float) -> None:
    """With the larger operand first three operations suffice."""
    large, small = sorted((a, b), key=abs, reverse=True)
    assert exact(dw.fast_two_sum(one(large), one(small))) == Fraction(a) + Fraction(b)


@given(floats(-480, 498), floats(-480, 498))
def test_two_product_is_exact_in_its_range(a: float, b: float) -> None:
    """The two results add up to a b, and the first is its rounding."""
    high, low = dw.two_product(one(a), one(b))
    assert exact((high, low)) == Fraction(a) * Fraction(b)
    assert high[0] == a * b


@pytest.mark.parametrize("other", [1.0, 2.0**-969 * 1.25, 1.5 - 2.0**-52])
def test_two_product_is_exact_at_the_ends_of_its_range(other: float) -> None:
    """Factors next below 2**996 and products next above 2**−969 are in range."""
    large = float(np.nextafter(dw.LARGEST_FACTOR, 0))
    small = dw.SMALLEST_PRODUCT * (1 + 2.0**-52)
    for a, b in ((large, other), (small / 2.0**-969 * (1 + 2.0**-30), 2.0**-969)):
        assert exact(dw.two_product(one(a), one(b))) == Fraction(a) * Fraction(b)


@given(floats(-1074, -400), floats(-640, -500))
def test_products_below_the_range_err_by_little(a: float, b: float) -> None:
    """A product whose error underflows is off by at most 2**−1070."""
    error = exact(dw.two_product(one(a), one(b))) - Fraction(a) * Fraction(b)
    assert abs(error) <= Fraction(1, 2**1070)


def sample(seed: int, size: int = 3000) -> tuple[Pair, Pair]:
    """Return pairs of double words: of like and unlike magnitude, and cancelling."""
    rng = np.random.default_rng(seed)

    def high() -> Floats:
        significand = rng.choice([1.0, 1 + 2.0**-52, 2 - 2.0**-52, 1.5], size=size)
        uniform = rng.uniform(1, 2, size)
        mixed = np.where(rng.random(size) < 0.7, uniform, significand)
        return mixed * rng.choice([1.0, -1.0], size)

    x = normalised(rng, high())
    y = normalised(rng, np.ldexp(high(), rng.integers(-60, 61, size)))
    near = rng.random(size) < 0.4
    close = x[0] * -(1 + np.ldexp(rng.integers(-3, 4, size), -52))
    y = normalised(rng, np.where(near, close, y[0]))
    return x, y


def errors(name: str, x: Pair, y: Pair) -> list[Fraction]:
    """Return the relative errors of an operation on x and y, or the high words of y."""
    if name == "add_positive":
        sign = np.sign(x[0]) * np.sign(y[0])
        y = (y[0] * sign, y[1] * sign)
    if name.endswith("_float"):
        y = (y[0], np.zeros_like(y[0]))
    operands = (x, y[0]) if name.endswith("_float") else (x, y)
    got = fractions(*getattr(dw, name)(*operands))
    plain = EXACTLY[name.split("_", maxsplit=1)[0]]
    truth = map(plain, fractions(*x), fractions(*y))
    return [
        abs(g - t) / abs(t) if t else abs(g) for g, t in zip(got, truth, strict=True)
    ]


EXACTLY: Final[dict[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "add": operator.add,
    "multiply": operator.mul,
    "divide": operator.truediv,
}
BOUNDS: Final = {
    "add": dw.ADD,
    "add_positive": dw.ADD_POSITIVE,
    "add_float": dw.ADD_FLOAT,
    "multiply": dw.MULTIPLY,
    "multiply_float": dw.MULTIPLY_FLOAT,
    "divide": dw.DIVIDE,
}


@pytest.mark.parametrize("name", BOUNDS)
def test_errors_stay_within_the_bound(name: str) -> None:
    """No error exceeds the proved bound, and some come within a factor of 8 of it."""
    x, y = sample(seed=20)
    worst = max(errors(name, x, y))
    assert BOUNDS[name] / 8 <= worst <= Fraction(BOUNDS[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("seed", range(4))
def test_errors_of_many_operations_stay_within_the_bound(name: str, seed: int) -> None:
    """No error exceeds the proved bound in a hundred thousand operations."""
    x, y = sample(seed, size=100_000)
    assert max(errors(name, x, y)) <= Fraction(BOUNDS[name])


@pytest.mark.parametrize("name", BOUNDS)
def test_results_are_double_words(name: str) -> None:
    """The high word is the rounding of the sum of both."""
    x, y = sample(seed=21)
    if name == "add_positive":
        x, y = (abs(x[0]), x[1]), (abs(y[0]), y[1])
    operands = (x, y[0]) if name.endswith("_float") else (x, y)
    high, low = getattr(dw, name)(*operands)
    assert (high + low == high).all()


def test_opposite_numbers_cancel_exactly() -> None:
    """The sum of x and −x is 0 in both words."""
    x, _ = sample(seed=22)
    high, low = dw.add(x, (-x[0], -x[1]))
    assert not high.any()
    assert not low.any()


def test_bounds_are_those_of_the_article() -> None:
    """Each constant is at least the published bound, and hardly more."""
    published = {
        "add": 3 * U**2 + 13 * U**3,
        "add_positive": 3 * U**2,
        "add_float": 2 * U**2,
        "multiply": 7 * U**2,
        "multiply_float": Fraction(3, 2) * U**2 + 4 * U**3,
        "divide": 15 * U**2 + 56 * U**3,
    }
    for name, bound in published.items():
        assert bound <= Fraction(BOUNDS[name]) <= bound * (1 + Fraction(1, 2**48))


def test_operands_are_left_as_they_are() -> None:
    """No operation writes to its operands."""
    x, y = sample(seed=23, size=10)
    read_only(*x, *y)
    for name in BOUNDS:
        getattr(dw, name)(x, y[0] if name.endswith("_float") else y)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("constant_first", [True, False])
def test_constants_stand_beside_arrays(name: str, *, constant_first: bool) -> None:
    """A double word of shape (1,) or of scalars acts as a full array of it does."""
    x, y = sample(seed=24, size=8)
    if name == "add_positive":
        x, y = (abs(x[0]), x[1]), (abs(y[0]), y[1])
    full = tuple(np.full(8, word[0]) for word in x)
    for short in (tuple(word[:1] for word in x), tuple(word[0] for word in x)):
        results = []
        for constant in (full, short):
            operands = [constant, y] if constant_first else [y, constant]
            if name.endswith("_float"):
                operands[1] = operands[1][0]
            results.append(getattr(dw, name)(*operands))
        for of_full, of_short in zip(*results, strict=True):
            np.testing.assert_array_equal(of_full, of_short)


@given(st.fractions().filter(bool), st.integers(-800, 800))
def test_fractions_become_double_words(value: Fraction, exponent: int) -> None:
    """The words add up to within 2**−106 of the fraction, and hi is its rounding."""
    scaled = value * Fraction(2) ** exponent
    high, low = dw.from_fraction(scaled)
    error = abs(Fraction(high) + Fraction(low) - scaled)
    assert error <= Fraction(dw.FROM_FRACTION) * abs(scaled)
    assert high + low == high


def test_sums_of_two_floats_become_themselves() -> None:
    """A fraction that is a double word is represented exactly."""
    x, _ = sample(seed=25, size=200)
    for value, high, low in zip(fractions(*x), *x, strict=True):
        assert dw.from_fraction(value) == (high, low)


@pytest.mark.parametrize("value", [Fraction(2) ** 1001, Fraction(-1, 2**901)])
def test_fractions_out_of_range_are_refused(value: Fraction) -> None:
    """Where words would overflow or lose bits the message names the range."""
    with pytest.raises(ValueError, match=r"2\*\*-900 <= \|value\| <= 2\*\*1000"):
        dw.from_fraction(value)
