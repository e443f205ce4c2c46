"""The mean squared error's own: its factor and its table of special values."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import reference

INF, NAN = math.inf, math.nan


def test_gradient_has_the_factor_two() -> None:
    """There is no factor 1/2 in the loss, so there is a 2 in the gradient."""
    result = reference.mse([3], [0.5], reduction="sum")
    assert result.value.lower.item() == Fraction(25, 4)
    assert result.gradient["input"].lower.item() == 5
    assert result.gradient["target"].lower.item() == -5


@pytest.mark.parametrize(("x", "y"), [(INF, 0.0), (0.0, -INF), (-INF, 1.0), (2.0, INF)])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_infinite_difference(x: float, y: float, reduction: str) -> None:
    """The value is inf and the gradient the infinity of the difference's sign."""
    result = reference.mse([x, 1.0], [y, 3.0], reduction=reduction)
    assert np.ravel(result.value.round_to("binary64"))[0] == INF
    got = result.gradient["input"].round_to("binary64").tolist()
    assert got == [INF if x > y else -INF, -2.0 if reduction == "mean" else -4.0]
    assert not result.gradient["input"].also.any()


@pytest.mark.parametrize(("x", "y"), [(NAN, 0.0), (0.0, NAN), (INF, INF), (-INF, -INF)])
def test_undefined_difference(x: float, y: float) -> None:
    """A nan propagates to the value and its own gradient."""
    result = reference.mse([x, 1.0], [y, 3.0])
    assert math.isnan(result.value.round_to("binary64"))
    gradient = result.gradient["input"]
    assert gradient.special.tolist() == [True, False]
    assert math.isnan(gradient.round_to("binary64")[0])
    assert not gradient.also.any()


def test_zero_cotangent_against_an_infinite_slope() -> None:
    """0 · inf is nan."""
    gradient = reference.mse([INF], [0.0], upstream=0.0).gradient["input"]
    assert math.isnan(gradient.round_to("binary64").item())


def test_squares_of_extreme_numbers_are_exact() -> None:
    """Neither 1e-600 underflows nor 4e616 overflows before the rounding."""
    tiny, huge = 5e-324, 1e308
    value = reference.mse([tiny, huge], [0.0, -huge], reduction="none").value
    assert value.lower.tolist() == [Fraction(tiny) ** 2, (2 * Fraction(huge)) ** 2]
    assert value.round_to("binary64").tolist() == [0.0, INF]
