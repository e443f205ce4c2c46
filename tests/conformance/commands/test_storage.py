"""Arguments are rounded to the storage format once, whatever they come from."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.case import DTYPES, numpy_dtype
from conformance.commands.storage import RawError, stored
from reference import format_named

# Between two bfloat16 numbers and a hair above their midpoint: float32 drops the hair.
TWICE = 1 + 2.0**-8 + 2.0**-40
DOUBLES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    st.integers(-(2**62), 2**62).map(lambda n: n * 2.0**-60),
    st.sampled_from([TWICE, -TWICE, 65519.999, 65520.0, 2.0**-25, 3 * 2.0**-25]),
)


@pytest.mark.parametrize("source", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", DTYPES)
@given(values=st.lists(DOUBLES, max_size=8))
def test_an_array_is_rounded_once(source: str, name: str, values: list[float]) -> None:
    """An array gives what correct rounding of its exact numbers gives, one by one."""
    with np.errstate(all="ignore"):
        given_ = np.array(values, dtype=numpy_dtype(source))
    got: Any = stored(given_, name)
    assert got.dtype == numpy_dtype(name)
    exact = format_named(name).round
    for a, b in zip(given_.astype(float), got.astype(float), strict=True):
        assert b == (exact(Fraction(a)) if np.isfinite(a) else a)


@pytest.mark.parametrize("name", DTYPES)
@given(values=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=8))
def test_integers_are_rounded_once(name: str, values: list[int]) -> None:
    """Integers become the nearest numbers of the format, not those of one between."""
    array = np.array(values, dtype=np.int64)
    got: Any = stored(array, name)
    expected = [format_named(name).round(Fraction(v)) for v in values]
    assert got.astype(float).tolist() == expected
    assert stored(values, name) == expected


def test_rounding_twice_would_show() -> None:
    """The sample that decides: one rounding goes up, two go down to even."""
    array = np.array([TWICE])
    got: Any = stored(array, "bfloat16")
    assert got.astype(float).tolist() == [1 + 2.0**-7]
    assert array.astype(np.float32).astype(ml_dtypes.bfloat16).astype(float) == 1


def test_shapes_and_special_values_stay() -> None:
    """No axis is lost, nan and infinities go through."""
    array = np.array([[np.nan, np.inf, -np.inf, 1.5]]).reshape(1, 2, 2)
    got: Any = stored(array, "bfloat16")
    assert got.shape == (1, 2, 2)
    assert np.array_equal(got.astype(float), array, equal_nan=True)
    scalar: Any = stored(np.array(TWICE), "bfloat16")
    assert scalar.shape == ()
    assert stored([float("inf"), [1, 2]], "float16") == [float("inf"), [1, 2]]


def test_nothing_is_rounded_unless_asked() -> None:
    """Without a format, what was given is returned."""
    array = np.array([0.1])
    assert stored(array, None) is array
    assert stored([0.1], None) == [0.1]


def test_raw_bytes_are_taken_for_bfloat16_only_if_asked() -> None:
    """Two raw bytes are bfloat16 where that is the format, else they are refused."""
    numbers = np.array([1.5, -2], dtype=ml_dtypes.bfloat16)
    raw = numbers.view("V2")
    got: Any = stored(raw, "bfloat16")
    assert got.astype(float).tolist() == [1.5, -2]
    for name in (None, "float32"):
        with pytest.raises(RawError, match="add --dtype bfloat16"):
            stored(raw, name)
    with pytest.raises(RawError, match=r"got raw \|V3"):
        stored(np.zeros(1, dtype="V3"), "bfloat16")
    with pytest.raises(RawError, match="got raw"):
        stored(np.zeros(1, dtype=[("a", "V2")]), "bfloat16")
