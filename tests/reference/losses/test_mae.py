"""The mean absolute error's own: its kink and its table of special values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from reference import Admit

INF, NAN = math.inf, math.nan
INFINITE = [(INF, 0.0), (0.0, -INF), (INF, -INF), (-INF, 1.0), (2.0, INF)]
UNDEFINED = [(NAN, 0.0), (0.0, NAN), (INF, INF), (-INF, -INF), (NAN, INF)]


@given(x=st.floats(allow_nan=False, allow_infinity=False), signs=st.booleans())
def test_slope_is_zero_at_the_kink(x: float, *, signs: bool) -> None:
    """Where input equals target the gradient is exactly 0, as in torch; −0 equals 0."""
    y = -x if signs and x == 0 else x
    gradient = reference.mae([x], [y]).gradient
    assert gradient["input"].lower.item() == gradient["target"].upper.item() == 0
    assert gradient["input"].also.item() == 0


@given(x=st.floats(allow_nan=False, allow_infinity=False))
def test_slope_does_not_depend_on_the_size(x: float) -> None:
    """One step beside the target the slope is ±1, however small the step."""
    y = math.nextafter(x, 0.0 if x else 1.0)
    slope = reference.mae([x], [y]).gradient["input"].lower.item()
    assert slope == (1 if x > y else -1)


@pytest.mark.parametrize(("x", "y"), INFINITE)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_infinite_difference(x: float, y: float, reduction: str) -> None:
    """An infinite difference gives inf, and its sign as slope."""
    result = reference.mae([x, 1.0], [y, 3.0], reduction=reduction)
    assert np.ravel(result.value.round_to("binary64"))[0] == INF
    n = 2 if reduction == "mean" else 1
    expected = [(1 if x > y else -1) / n, -1 / n]
    assert result.gradient["input"].round_to("binary64").tolist() == expected
    assert not result.value.also.any()
    assert not result.gradient["input"].also.any()


@pytest.mark.parametrize(("x", "y"), UNDEFINED)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_undefined_difference(x: float, y: float, reduction: str) -> None:
    """The slope at nan is nan, torch's 0 admitted; others are unharmed."""
    result = reference.mae([x, 1.0], [y, 3.0], reduction=reduction)
    assert math.isnan(np.ravel(result.value.round_to("binary64"))[0])
    gradient = result.gradient["input"]
    assert gradient.special.tolist() == [True, False]
    assert math.isnan(gradient.round_to("binary64")[0])
    assert gradient.also.tolist() == [Admit.ZERO, 0]
    assert reference.admits(gradient.also[0], 0.0)
    assert not reference.admits(gradient.also[0], 1.0)


def test_sum_with_an_undefined_slope() -> None:
    """Summed over a broadcast axis, torch's 0 leaves the sum of the other slopes."""
    gradient = reference.mae([NAN, 1.0, 2.0], [0.0]).gradient["target"]
    assert math.isnan(gradient.round_to("binary64").item())
    assert reference.admits(gradient.also.item(), -2 / 3)


def test_difference_beyond_the_range() -> None:
    """2e308 is a number: only rounding it gives an infinity."""
    value = reference.mae([1e308], [-1e308]).value
    assert not value.special.item()
    assert value.lower.item() == 2 * int(1e308)
    assert value.round_to("binary64").item() == INF
