"""Memory layouts: the same values at other places of a buffer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from conformance.case import Array

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.builders.choices import Choices

    Style: TypeAlias = "Callable[[NDArray[Any]], Layout]"

_GARBAGE_INDEX: Final = 1_000_003
"""What unreachable places of an integer buffer hold: no class has this index."""


@dataclass(frozen=True)
class Layout:
    """Where the elements of an array lie.

    Attributes:
        order: The axes from the slowest to the fastest; empty for row-major.
        step: Distance of neighbours along the fastest axis.
        padding: Unreachable elements after each run along the fastest axis.
        offset: Unreachable elements in front.
        expanded: Axes of stride zero; the values must be constant along them.
        backwards: Axes of negative stride, which NumPy has and torch has not.
    """

    order: tuple[int, ...] = ()
    step: int = 1
    padding: int = 0
    offset: int = 0
    expanded: frozenset[int] = frozenset()
    backwards: frozenset[int] = frozenset()


ROW_MAJOR: Final = Layout()


def place(values: NDArray[Any], layout: Layout = ROW_MAJOR) -> Array:
    """Return an `Array` of `values` in `layout`; unreachable elements are garbage."""
    if layout == ROW_MAJOR or values.ndim == 0 or not values.size:
        flat = np.array(values, order="C").reshape(-1)
        return Array.of(flat.reshape(values.shape))
    strides = _strides(values.shape, layout)
    spans = [(n - 1) * s for n, s in zip(values.shape, strides, strict=True)]
    size = layout.offset + sum(map(abs, spans)) + 1
    base = np.full(size, _garbage(values.dtype), values.dtype)
    first = layout.offset - sum(span for span in spans if span < 0)
    cut = tuple(
        slice(1) if axis in layout.expanded else slice(None)
        for axis in range(values.ndim)
    )
    reached = values[cut]
    view = np.lib.stride_tricks.as_strided(
        base[first:], reached.shape, [s * base.itemsize for s in strides]
    )
    view[...] = reached
    return Array(base, values.shape, strides, first)


def _strides(shape: tuple[int, ...], layout: Layout) -> tuple[int, ...]:
    strides = [0] * len(shape)
    running = layout.step
    padding = layout.padding
    for axis in reversed(layout.order or range(len(shape))):
        if axis in layout.expanded:
            continue
        strides[axis] = -running if axis in layout.backwards else running
        running = running * shape[axis] + padding
        padding = 0
    return tuple(strides)


def _garbage(dtype: np.dtype[Any]) -> float:
    return _GARBAGE_INDEX if dtype.kind in "iu" else math.nan


def constant_axes(values: NDArray[Any]) -> frozenset[int]:
    """Return the axes of size above one along which all slices have the same bits."""
    if not values.size:
        return frozenset()
    bits = values.view(f"u{values.itemsize}")
    return frozenset(
        axis
        for axis, size in enumerate(values.shape)
        if size > 1 and bool((bits == bits.take([0], axis)).all())
    )


def layout_of(array: Array) -> Layout:
    """Return a layout like that of `array`, to lay out fewer elements the same way."""
    sizes, strides = array.shape, tuple(map(abs, array.strides))
    axes = range(len(sizes))
    backwards = frozenset(a for a in axes if sizes[a] > 1 and array.strides[a] < 0)
    before = sum((sizes[a] - 1) * strides[a] for a in backwards)
    expanded = frozenset(a for a in axes if sizes[a] > 1 and strides[a] == 0)
    order = tuple(sorted(axes, key=lambda a: (-strides[a], a)))
    moving = [a for a in order if sizes[a] > 1 and strides[a]]
    runs = [(strides[a], sizes[a]) for a in reversed(moving)]
    step, count = runs[0] if runs else (1, 1)
    padding = max(runs[1][0] - step * count, 0) if len(runs) > 1 else 0
    plain = () if moving == sorted(moving) else order
    return Layout(plain, step, padding, array.offset - before, expanded, backwards)


def draw(choices: Choices) -> Style:
    """Return a way to lay out values; half of the draws are row-major."""
    if not choices.chance(1, 2):
        return _row_major
    return choices.choice(_STYLES)(choices)


def _row_major(_values: NDArray[Any]) -> Layout:
    return ROW_MAJOR


def _transposed(values: NDArray[Any]) -> Layout:
    return Layout(order=tuple(reversed(range(values.ndim))))


def _class_axis_last(values: NDArray[Any]) -> Layout:
    axes = range(values.ndim)
    return Layout(order=(*(a for a in axes if a != 1), *(a for a in axes if a == 1)))


def _expanded(values: NDArray[Any]) -> Layout:
    return Layout(expanded=constant_axes(values))


def _all_at_once(values: NDArray[Any]) -> Layout:
    return Layout(_transposed(values).order, 2, 1, 1, constant_axes(values))


def _backwards(choices: Choices) -> Style:
    alone = choices.chance(1, 2)

    def style(values: NDArray[Any]) -> Layout:
        axes = range(values.ndim)
        return Layout(backwards=frozenset(axes[-1:] if alone else axes))

    return style


def _always(style: Style) -> Callable[[Choices], Style]:
    return lambda _choices: style


def _fixed(layout: Layout) -> Style:
    return lambda _values: layout


_STYLES: Final[tuple[Callable[[Choices], Style], ...]] = (
    _always(_transposed),
    _always(_class_axis_last),
    _always(_fixed(Layout(step=2))),
    _always(_fixed(Layout(step=3))),
    _backwards,
    lambda choices: _fixed(Layout(padding=choices.integer(1, 3))),
    lambda choices: _fixed(Layout(offset=choices.integer(1, 3))),
    _always(_expanded),
    _always(_expanded),
    _always(_all_at_once),
)
