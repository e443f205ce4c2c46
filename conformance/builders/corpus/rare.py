"""Shapes and layouts that few inputs have, where a fault can live alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Made
from conformance.builders.corpus.sequences import LEAST_GAP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

_NONE: Final = {"reduction": "none"}
_MANY: Final = 66_000
_PERIOD: Final = 61


def _vocabulary(_grid: Grid) -> NDArray[Any]:
    # No period of a power of two: a label that wraps finds another logit.
    row = -(LEAST_GAP + np.arange(_MANY) % _PERIOD).astype(np.float64)
    row[-1] = 0
    return row[np.newaxis]


ENTRIES: Final = (
    Entry(
        "classes-66000",
        "more classes than 16 bits can count, the largest logit last, the target next",
        Made(_vocabulary),
        [_MANY - 2],
        options=_NONE,
    ),
    Entry(
        "four-dimensions-more",
        "a shape (1, 2, 1, 2, 1, 2)",
        [[[[[[1, -2]], [[3, 0.5]]]], [[[[0, 4]], [[-1, 2]]]]]],
        [[[[[0, 1]], [[1, 1]]]]],
        [2, 0.5],
        options=_NONE,
    ),
    Entry(
        "upstream-expanded-rows",
        "a cotangent expanded along one of its axes, and different along the other",
        [[[1, -2], [3, 0.5]], [[0, 4], [-1, 2]]],
        [[0, 1], [1, 1]],
        upstream=Expanded([2, -0.5], (2, 2)),
        options=_NONE,
    ),
    Entry(
        "upstream-expanded-rows",
        "a cotangent expanded along one of its axes, and different along the other",
        [[1, -2], [3, 0.5]],
        [[0.5, 1], [-3, 4]],
        upstream=Expanded([2, -0.5], (2, 2)),
        options=_NONE,
        losses=REGRESSION,
    ),
    Entry(
        "broadcast-square",
        "a column against a row of the same size: each gradient is summed over its own",
        [[1], [-2], [3]],
        [[0.5, 4, -1]],
        upstream=[[1, 2, -3], [0.5, -1, 4], [2, 0.25, 1]],
        options=_NONE,
        losses=REGRESSION,
    ),
)
