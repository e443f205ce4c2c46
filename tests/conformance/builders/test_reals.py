"""Finite values in every format and mode."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.builders import reals
from conformance.builders.choices import CounterChoices, DrawnChoices
from conformance.builders.grid import grid
from conformance.case import DTYPES, numpy_dtype

if TYPE_CHECKING:
    from collections.abc import Callable


MODES = sorted(set(reals.MODES), key=lambda mode: mode.__name__)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.__name__)
@settings(max_examples=50)
@given(data=st.data(), width=st.integers(0, 9))
def test_values_are_numbers_of_the_format(
    mode: Callable[..., Any], dtype: str, data: st.DataObject, width: int
) -> None:
    """A mode gives finite values that the format holds exactly: none is rounded."""
    values = mode(DrawnChoices(data.draw), grid(dtype), width)
    assert len(values) == width
    assert all(map(math.isfinite, values))
    assert grid(dtype).array(values).astype(np.float64).tolist() == values


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=50)
@given(data=st.data(), rows=st.integers(0, 5), width=st.integers(0, 20))
def test_draw_gives_rows(
    dtype: str, data: st.DataObject, rows: int, width: int
) -> None:
    """Rows of any number and width have the format asked for and are finite."""
    drawn = reals.draw(DrawnChoices(data.draw), grid(dtype), rows, width)
    assert drawn.shape == (rows, width)
    assert drawn.dtype == numpy_dtype(dtype)
    assert np.isfinite(drawn.astype(np.float64)).all()


@pytest.mark.parametrize(("rows", "width"), [(2049, 2), (2, 2049), (1, 2049)])
def test_large_draws_have_few_distinct_rows(rows: int, width: int) -> None:
    """A large draw repeats at most four rows, so that each is evaluated once."""
    for index in range(30):
        drawn = reals.draw(CounterChoices(0, index), grid("float32"), rows, width)
        assert len({row.tobytes() for row in drawn}) <= 4


@settings(max_examples=50)
@given(st.data())
def test_integers_sum_exactly(data: st.DataObject) -> None:
    """The squares of large integer draws sum to less than 2**24."""
    drawn = reals.draw_integers(DrawnChoices(data.draw), grid("bfloat16"), 1, 4200)
    exact = drawn.astype(np.float64)
    assert (exact == np.round(exact)).all()
    assert 4 * (exact**2).sum() < 2**24


def _some(
    mode: Callable[..., Any], dtype: str, predicate: Callable[..., Any], width: int = 4
) -> bool:
    drawn = (mode(CounterChoices(0, i), grid(dtype), width) for i in range(800))
    return any(predicate(values) for values in drawn)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gap", [*reals.GAPS[:-1], "largest"])
@pytest.mark.parametrize("sign", [1, -1])
def test_wide_gaps_reach_both_sides(dtype: str, gap: float | str, sign: int) -> None:
    """One value is ahead of zeros, or behind, by each gap of the list."""
    size = grid(dtype).largest if gap == "largest" else grid(dtype).snap(gap)
    assert _some(
        reals.wide_gap,
        dtype,
        lambda v: sorted(map(abs, v)) == [0, 0, 0, size] and sum(v) == sign * size,
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_offsets_keep_steps_on_the_grid(dtype: str) -> None:
    """Values at an offset differ by whole steps of the format at that offset."""
    assert _some(
        reals.offset,
        dtype,
        lambda v: min(map(abs, v)) > 100 and len(set(v)) > 1,
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_subnormals_are_subnormal(dtype: str) -> None:
    """Numbers between zero and the first normal one are drawn."""
    normal = math.ldexp(1.0, grid(dtype).emin)
    assert _some(reals.subnormals, dtype, lambda v: all(0 < abs(x) < normal for x in v))


@pytest.mark.parametrize("dtype", DTYPES)
def test_bit_space_covers_the_exponents(dtype: str) -> None:
    """Both halves of the exponent range are drawn evenly."""
    values = reals.bit_space(CounterChoices(0, 0), grid(dtype), 400)
    assert 120 < sum(abs(v) > 2 for v in values) < 280


def test_neighbours_of_powers_of_two_are_on_both_sides() -> None:
    """The number just below a power of two and the one just above are drawn."""
    for neighbour in (1 - 2.0**-24, 1 + 2.0**-23):
        assert _some(
            reals.near_powers, "float32", lambda v, x=neighbour: x in map(abs, v), 64
        )
