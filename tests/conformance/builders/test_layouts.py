"""Memory layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.builders.choices import CounterChoices, DrawnChoices
from conformance.builders.layouts import (
    ROW_MAJOR,
    Layout,
    constant_axes,
    draw,
    layout_of,
    place,
)
from conformance.case import numpy_dtype

if TYPE_CHECKING:
    from numpy.typing import NDArray


SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)
TABLE = np.arange(6, dtype=np.float32).reshape(2, 3)
DTYPES = ["float16", "bfloat16", "float32", "float64", "int64"]


def _bits(values: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(values).tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=60)
@given(data=st.data(), shape=SHAPES, divisor=st.sampled_from([1, 100]))
def test_layout_keeps_the_values(
    dtype: str, data: st.DataObject, shape: tuple[int, ...], divisor: int
) -> None:
    """Whatever the layout, the view holds the same values."""
    values = np.arange(int(np.prod(shape))).reshape(shape) // divisor
    values = values.astype(numpy_dtype(dtype))
    array = place(values, draw(DrawnChoices(data.draw))(values))
    assert array.shape == shape
    assert array.dtype == dtype
    assert _bits(array.view()) == _bits(values)


@settings(max_examples=60)
@given(st.data(), SHAPES)
def test_unreachable_elements_are_garbage(
    data: st.DataObject, shape: tuple[int, ...]
) -> None:
    """A read outside the view gives NaN, so it cannot go unnoticed."""
    values = np.ones(shape, np.float32)
    array = place(values, draw(DrawnChoices(data.draw))(values))
    reached = np.zeros(array.base.size, bool)
    reached[array.over(np.arange(array.base.size))] = True
    assert np.isnan(array.base[~reached]).all()


def test_unreachable_indices_are_no_classes() -> None:
    """The garbage between class indices is no class of any case."""
    array = place(np.zeros(3, np.int64), Layout(step=2))
    assert array.base[1] > 10**6


@pytest.mark.parametrize(
    ("layout", "strides", "offset"),
    [
        (ROW_MAJOR, (3, 1), 0),
        (Layout(order=(1, 0)), (1, 2), 0),
        (Layout(step=2), (6, 2), 0),
        (Layout(padding=2), (5, 1), 0),
        (Layout(offset=3), (3, 1), 3),
        (Layout(order=(1, 0), step=2, padding=1, offset=1), (2, 5), 1),
        (Layout(step=3), (9, 3), 0),
        (Layout(backwards=frozenset({1})), (3, -1), 2),
        (Layout(offset=2, backwards=frozenset({0})), (-3, 1), 5),
        (Layout((1, 0), 2, 1, 1, backwards=frozenset({0, 1})), (-2, -5), 13),
    ],
)
def test_layout_places_elements(
    layout: Layout, strides: tuple[int, ...], offset: int
) -> None:
    """Order, step, padding, offset and direction give these strides, and come back."""
    array = place(TABLE, layout)
    assert (array.strides, array.offset) == (strides, offset)
    assert layout_of(array) == layout


def test_expanded_axis_has_stride_zero() -> None:
    """A constant axis takes no room; the buffer holds one block."""
    values = np.broadcast_to(np.float32([[1, 2, 3]]), (5, 3))
    array = place(values, Layout(expanded=constant_axes(values)))
    assert array.strides == (0, 1)
    assert array.base.tolist() == [1, 2, 3]
    assert layout_of(array) == Layout(expanded=frozenset({0}))


def test_zeros_of_different_sign_are_not_constant() -> None:
    """Constancy is of bits: zeros of both signs differ, equal NaNs do not."""
    assert constant_axes(np.array([0.0, -0.0])) == frozenset()
    assert constant_axes(np.array([np.nan, np.nan])) == frozenset({0})


def test_cutting_keeps_the_kind_of_layout() -> None:
    """Fewer elements laid out the same way keep order, step, padding and offset."""
    wide = place(np.ones((4, 6), np.float32), Layout((1, 0), 2, 1, 3))
    narrow = place(np.ones((2, 3), np.float32), layout_of(wide))
    assert layout_of(narrow) == layout_of(wide)


@pytest.mark.parametrize(
    "strides",
    [(1, 2), (8, 2), (12, 3), (5, 1), (4, -1), (-4, -1), (4, 1)],
)
def test_layouts_reach(strides: tuple[int, ...]) -> None:
    """Tables are drawn transposed, in steps of two and three, padded and backwards."""
    values = np.arange(8, dtype=np.float32).reshape(2, 4)
    drawn = (place(values, draw(CounterChoices(0, i))(values)) for i in range(300))
    assert any(array.strides == strides for array in drawn)


def test_class_axis_is_put_last_in_memory() -> None:
    """Shapes (N, C, d) are drawn whose fastest axis is the class axis."""
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    drawn = (place(values, draw(CounterChoices(0, i))(values)) for i in range(100))
    assert any(a.strides == (12, 1, 3) for a in drawn)
