"""Cases of which everything is asked: other paths, variants, results kept for later.

What they show is wrong beside the answer to the case itself, not in it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders.corpus.entry import REGRESSION, Entry, Made

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

_pair = partial(Entry, losses=REGRESSION)
_NONE: Final = {"reduction": "none"}


def _odd(grid: Grid) -> NDArray[np.float64]:
    """Return 1 and its neighbour, whose last digit is odd."""
    return np.array([1.0, 1.0 + _unit(grid)])


def _half(grid: Grid) -> NDArray[np.float64]:
    return np.array([0.0, -_unit(grid) / 2])


def _unit(grid: Grid) -> float:
    return 2.0 ** (1 - grid.precision)


ENTRIES: Final[tuple[Entry, ...]] = (
    _pair(
        "everything-along-mean",
        "H v of a mean of three: torch's forward mode over it writes to a constant 0",
        [1, -2, 3],
        [0.5, 1, -3],
        tangent=[3, -1, 2],
    ),
    _pair(
        "everything-along-none",
        "H v without reduction, under a cotangent",
        [1, -2, 3],
        [0.5, 1, 3],
        upstream=[2, -1, 0.5],
        options=_NONE,
        tangent=[3, -1, 2],
    ),
    _pair(
        "everything-along-largest",
        "a gradient beyond the format, beside an H v that is not",
        ["largest", 1],
        [-1, 3],
        options=_NONE,
        tangent=[0.5, -2],
    ),
    Entry(
        "everything-along-ahead",
        "the target 6 ahead, the class axis not last: 1 − p cancels, in H v as well",
        [[[0], [0], [6]]],
        [[2]],
        tangent=[[[1], [-2], [4]]],
    ),
    Entry(
        "everything-along-weights",
        "H v with weights, smoothing, an ignored row and a cotangent",
        [[1, 0, -1], [0.5, 2, 0], [1, 1, 3]],
        [2, -100, 1],
        weight=[0.5, 3, 7],
        upstream=2,
        options={"label_smoothing": 0.125},
        tangent=[[1, -2, 3], [8, 4, 1], [2, 2, -1]],
    ),
    _pair(
        "everything-ahead",
        "every input ahead of its target: MAE's gradient is the cotangent itself",
        [1.5, 2, 4],
        [1, -2.5, 0.5],
        upstream=[0.5, 3, -2],
        options=_NONE,
    ),
    _pair(
        "everything-halfway",
        "a difference halfway between two numbers of the format, and its opposite",
        Made(_odd),
        Made(_half),
        options=_NONE,
    ),
)
