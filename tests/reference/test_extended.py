"""Arithmetic with infinities and nan, against IEEE arithmetic on floats."""

from __future__ import annotations

import itertools
import math
import operator
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.extended import (
    Extended,
    add,
    divide,
    extended,
    is_finite,
    is_nan,
    multiply,
    subtract,
    total,
)

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS = (0.0, 1.0, -2.0, 0.5, math.inf, -math.inf, math.nan)

# Small enough for float arithmetic to be exact.
exact_floats = st.integers(-64, 64).map(lambda n: n / 4) | st.sampled_from(POINTS)


def matches(got: Extended, expected: float) -> bool:
    """Say whether an extended number is what IEEE arithmetic gives."""
    if math.isnan(expected):
        return is_nan(got)
    return (
        not is_nan(got)
        and is_finite(got) == math.isfinite(expected)
        and got == expected
    )


@pytest.mark.parametrize(
    ("ours", "ieee"),
    [(add, operator.add), (subtract, operator.sub), (multiply, operator.mul)],
    ids=["add", "subtract", "multiply"],
)
@given(a=exact_floats, b=exact_floats)
def test_sums_and_products_follow_ieee(
    ours: Callable[..., Extended], ieee: Callable[..., float], a: float, b: float
) -> None:
    """Where IEEE arithmetic is exact, sums, differences and products are the same."""
    assert matches(ours(extended(a), extended(b)), ieee(a, b))


@pytest.mark.parametrize(("a", "b"), list(itertools.product(POINTS, repeat=2)))
def test_quotients_follow_ieee(a: float, b: float) -> None:
    """x/0 is ±inf, 0/0 and inf/inf are nan, x/inf is 0."""
    if b:
        expected = a / b
    else:
        expected = math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a)
    assert matches(divide(extended(a), extended(b)), expected)


@given(values=st.lists(exact_floats))
def test_total_is_the_ieee_sum(values: list[float]) -> None:
    """A sum is nan if a nan or both infinities occur, in every order."""
    expected = sum(values)
    assert matches(total(map(extended, values)), expected)
    assert matches(total(map(extended, reversed(values))), expected)


@given(
    value=st.floats(allow_nan=False, allow_infinity=False)
    | st.fractions()
    | st.integers()
)
def test_finite_numbers_are_exact(value: float | Fraction) -> None:
    """A finite number becomes the Fraction of its exact value."""
    assert extended(value) == Fraction(value)
    assert isinstance(extended(value), Fraction)
