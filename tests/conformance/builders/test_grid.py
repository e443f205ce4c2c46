"""Formats as sets of float64 numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.builders.grid import grid
from conformance.case import DTYPES, numpy_dtype

REALS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("dtype", DTYPES)
def test_constants_are_those_of_the_format(dtype: str) -> None:
    """Precision and range agree with ml_dtypes."""
    info, ours = ml_dtypes.finfo(numpy_dtype(dtype)), grid(dtype)
    assert ours.precision == info.nmant + 1
    assert ours.largest == float(info.max)
    assert ours.tiny == float(info.smallest_subnormal)
    assert math.ldexp(1.0, ours.emin) == float(info.smallest_normal)


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_decode_counts_the_bits(dtype: str, data: st.DataObject) -> None:
    """The number of a code is the one whose bits are that code."""
    ours = grid(dtype)
    code = data.draw(st.integers(0, ours.top_code))
    bits = np.array([code], dtype=f"u{numpy_dtype(dtype).itemsize}")
    assert ours.decode(code) == float(bits.view(numpy_dtype(dtype))[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_top_code_is_the_largest_number(dtype: str) -> None:
    """No finite number has a higher code."""
    assert grid(dtype).decode(grid(dtype).top_code) == grid(dtype).largest


@pytest.mark.parametrize("dtype", DTYPES)
@given(x=REALS)
def test_snap_is_on_the_grid_and_nearest(dtype: str, x: float) -> None:
    """Snapping gives a number of the format with no other number nearer."""
    ours = grid(dtype)
    snapped = ours.snap(x)
    array = ours.array([snapped])
    assert float(array[0]) == snapped
    if abs(x) <= ours.largest:
        half = Fraction(ours.quantum(snapped)) / 2
        assert abs(Fraction(snapped) - Fraction(x)) <= half


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@given(x=REALS)
def test_snap_agrees_with_numpy(dtype: str, x: float) -> None:
    """Where NumPy rounds once and stays finite, the results are the same."""
    with np.errstate(over="ignore"):
        expected = float(np.float64(x).astype(dtype))
    if math.isfinite(expected):
        assert grid(dtype).snap(x) == expected


def test_snap_rounds_once() -> None:
    """A value just above a midpoint goes up; through float32 it would go down."""
    x = 1 + 2.0**-11 + 2.0**-40
    assert grid("float16").snap(x) == 1 + 2.0**-10


@pytest.mark.parametrize("dtype", DTYPES)
def test_snap_stays_finite(dtype: str) -> None:
    """What is beyond the format becomes its largest number."""
    assert grid(dtype).snap(-math.inf) == -grid(dtype).largest
