"""Sums that a single running total gets wrong: what is added is lost beside it.

A row of addends of which the largest comes first, and each of the others is less than
half a unit of the sum in its last place. Added one by one they change nothing; in lanes
or in pairs they do. Both are legal, unless lanes were promised: these cases tell a
backend that keeps such a promise from one that does not, and show as suspect who adds
in order without saying so. Backwards the small addends come first, and who begins at
the end loses them. Most are contiguous, since lanes may be promised for that alone.

A half format rounds more away at the end than is lost on the way.

Source: Higham, Accuracy and Stability of Numerical Algorithms, section 4.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.entry import REGRESSION, Entry, Made
from conformance.builders.layouts import ROW_MAJOR, Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

    Make = Callable[[Grid], NDArray[Any]]

_COUNT: Final = 4096
_CLASSES: Final = 256
"""So few that 8 lanes of a processor are as good as 64 lanes of a kernel."""

_DTYPES: Final = ("float32", "float64")
_SUM: Final = {"reduction": "sum"}


def _differences(power: int) -> Make:
    """Return 1 and then numbers whose powers are half a unit beside it, or less."""

    def make(grid: Grid) -> NDArray[np.float64]:
        small = math.ldexp(1.0, -math.ceil(grid.precision / power))
        return np.array([1.0, *[small] * (_COUNT - 1)])

    return make


def _rows(grid: Grid) -> NDArray[np.float64]:
    """Return a row far behind, and then rows of two equal logits: losses of log 2."""
    return np.array([[0.0, 2.0**grid.precision], *[[0.0, 0.0]] * (_COUNT - 1)])


def _classes(grid: Grid) -> NDArray[np.float64]:
    """Return a row whose target is ahead of all others by a bit more than p log 2."""
    gap = math.ceil(grid.precision * math.log(2))
    return np.array([[0.0, *[-float(gap)] * (_CLASSES - 1)]])


def _same(label: float, count: int, dtype: type) -> Made:
    return Made(lambda _grid: np.full(count, label, dtype))


def _laid(make: Make, axis: int, layout: Layout, *, backwards: bool) -> Made:
    if not backwards:
        return Made(make, layout)
    return Made(lambda grid: np.flip(make(grid), axis).copy(), layout)


def _entries(
    ending: str, where: str, layout: Layout = ROW_MAJOR, *, backwards: bool = False
) -> Iterator[Entry]:
    for loss, power in zip(REGRESSION, (1, 2), strict=True):
        yield Entry(
            f"stagnation-elements{ending}",
            f"4095 elements that are lost beside a sum of 1, {where}",
            _laid(_differences(power), 0, layout, backwards=backwards),
            _same(0, _COUNT, np.float64),
            options=_SUM,
            losses=(loss,),
            dtypes=_DTYPES,
        )
    yield Entry(
        f"stagnation-rows{ending}",
        f"4095 losses of log 2 beside one a million times larger or more, {where}",
        _laid(_rows, 0, layout, backwards=backwards),
        _same(0, _COUNT, np.int64),
        options=_SUM,
        dtypes=_DTYPES,
    )
    yield Entry(
        f"stagnation-classes{ending}",
        f"255 exponentials that are lost beside a sum of 1, {where}",
        _laid(_classes, 1, layout, backwards=backwards),
        _same(_CLASSES - 1 if backwards else 0, 1, np.int64),
        options={"reduction": "none"},
        dtypes=_DTYPES,
    )


ENTRIES: Final = (
    *_entries("", "the largest first"),
    *_entries("-backwards", "the largest last", backwards=True),
    *_entries("-strided", "at every second place of a buffer", Layout(step=2)),
)
