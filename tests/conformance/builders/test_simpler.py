"""Which numbers are simpler than others."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.builders.grid import grid
from conformance.builders.simpler import complexity, simpler
from conformance.case import DTYPES


@pytest.mark.parametrize("dtype", DTYPES)
@given(x=st.floats())
def test_candidates_are_simpler_and_alike(dtype: str, x: float) -> None:
    """Each candidate is simpler, of the same sign and a number of the format."""
    value = x if math.isnan(x) or math.isinf(x) else grid(dtype).snap(x)
    for candidate in simpler(value, grid(dtype)):
        assert complexity(candidate) < complexity(value)
        assert grid(dtype).snap(candidate) == candidate
        assert candidate == 0 or (candidate > 0) == (value > 0)


def test_order() -> None:
    """Zero, small integers, short fractions, long ones, infinity, NaN."""
    order = [0.0, 1.0, -1.0, 7.0, 1000.0, 0.5, 4096.0, 7.5, 0.1, math.inf, math.nan]
    backwards = order[::-1]
    assert sorted(backwards, key=complexity) == pytest.approx(order, nan_ok=True)


def test_rounding_comes_from_both_sides() -> None:
    """A long fraction may become the integers around it and shorter fractions."""
    drawn = list(simpler(7.57421875, grid("float32")))
    assert {1.0, 7.0, 8.0, 7.5} <= set(drawn)
