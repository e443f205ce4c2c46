"""Shapes, layouts and sizes that few inputs have, where a fault can live alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.arrays import labels, real, weights
from conformance.builders.corpus.entry import (
    REGRESSION,
    Entry,
    Expanded,
    Laid,
    Made,
    Sliding,
)
from conformance.builders.corpus.sequences import LEAST_GAP, wave
from conformance.builders.layouts import Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

_NONE: Final = {"reduction": "none"}
_MANY: Final = 66_000
_PERIOD: Final = 61
_SINGLE: Final = ("float32",)
_TRAINED: Final = ("bfloat16", "float32")


def _vocabulary(_grid: Grid) -> NDArray[Any]:
    # No period of a power of two: a label that wraps finds another logit.
    row = -(LEAST_GAP + np.arange(_MANY) % _PERIOD).astype(np.float64)
    row[-1] = 0
    return row[np.newaxis]


def _overlapping(*shape: int) -> Sliding:
    return Sliding(lambda _grid: wave((sum(shape),), _PERIOD, 7) / 2, shape)


def _labels(*shape: int, classes: int, ignored: int) -> Made:
    """Return labels of all sizes; every fifth row is ignored."""
    rows = np.arange(math.prod(shape))
    found = np.where(rows % 5 == 1, ignored, rows * 977 % classes)
    return Made(lambda _grid: found.reshape(shape))


SIZES: Final = (
    Entry(
        "classes-66000",
        "more classes than 16 bits can count, the largest logit last, the target next",
        Made(_vocabulary),
        [_MANY - 2],
        options=_NONE,
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "options-of-2050-rows",
        "more rows than a half can count, without reduction and with every option",
        real(2050, 2),
        _labels(2050, classes=2, ignored=-7),
        [0.5, 3],
        Made(lambda _grid: wave((2050,), 7, 3)),
        options=_NONE | {"ignore_index": -7, "label_smoothing": 0.25},
    ),
    Entry(
        "options-of-1100-classes",
        "more classes than a block of threads, summed and with every option",
        real(3, 1100),
        _labels(3, classes=1100, ignored=9),
        weights(1100, 7),
        -2,
        options={"reduction": "sum", "ignore_index": 9, "label_smoothing": 0.25},
    ),
    Entry(
        "options-of-300-classes",
        "classes of two blocks between other axes, smoothed as a whole",
        real(2, 300, 1, 2),
        _labels(2, 1, 2, classes=300, ignored=5),
        upstream=[[[0.5, -2]], [[3, 1]]],
        options=_NONE | {"ignore_index": -5, "label_smoothing": 1.0},
    ),
    Entry(
        "options-of-1030-places",
        "more places than a block of threads, with weights and an ignored class",
        real(1, 3, 1030),
        _labels(1, 1030, classes=3, ignored=2),
        [0.5, 3, 2],
        4,
        options={"ignore_index": 2, "label_smoothing": 0.25},
    ),
    *(
        Entry(
            f"options-of-no-rows-{reduction}",
            "no rows, and every option",
            Expanded(0, (0, 3)),
            Expanded(0, (0,)),
            [0.5, 3, 2],
            Expanded(1, (0,)) if reduction == "none" else 4,
            options={
                "ignore_index": -7,
                "label_smoothing": 0.25,
                "reduction": reduction,
            },
        )
        for reduction in ("none", "sum", "mean")
    ),
    Entry(
        "places-66000",
        "more places than 16 bits can count, some of them ignored",
        _overlapping(1, 2, _MANY),
        labels(1, _MANY, classes=2, ignored=-100),
        options=_NONE,
        dtypes=_SINGLE,
    ),
    Entry(
        "unbatched-5000-classes",
        "five blocks of classes without a batch",
        real(5000),
        4998,
        dtypes=_TRAINED,
    ),
    Entry(
        "rows-9000-of-5",
        "the tokens of a large batch, of more than a few classes",
        _overlapping(9000, 5),
        labels(9000, classes=5),
        dtypes=_SINGLE,
    ),
    Entry(
        "terms-70000",
        "more terms than 16 bits can count, none of them reduced",
        _overlapping(35_000, 2),
        [0.5, 2],
        options=_NONE,
        losses=REGRESSION,
        dtypes=_SINGLE,
    ),
)
"""Cases with buffers that are not small."""

_TANGENTS: Final = (
    Entry(
        "along-transposed",
        "a direction whose batch axis is the fast one in memory",
        [[1, 0, -1], [0.5, 2, 0]],
        [2, 0],
        tangent=Laid([[1, -2, 3], [8, 4, 1]], Layout(order=(1, 0))),
    ),
    # Next to the case before it, for whoever keeps that answer for the next call.
    Entry(
        "along-transposed-otherwise",
        "the arguments of along-transposed and another direction: a kept answer is"
        " wrong",
        [[1, 0, -1], [0.5, 2, 0]],
        [2, 0],
        tangent=Laid([[3, 1, -2], [-4, 2, 0.5]], Layout(order=(1, 0))),
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "along-transposed",
        "a direction whose batch axis is the fast one in memory",
        [[1, -2, 3], [4, 5, -6]],
        [[0.5, 1, 3], [4, -5, 6]],
        losses=REGRESSION,
        options=_NONE,
        tangent=Laid([[1, -2, 3], [8, 4, 1]], Layout(order=(1, 0))),
    ),
)

ENTRIES: Final = (
    *_TANGENTS,
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
        "large-and-alike",
        "numbers whose doubles overflow, and whose differences' do not",
        ["largest", "-largest"],
        Made(lambda grid: np.array([0.75, -0.75]) * 2.0 * 2.0**grid.emax),
        upstream=[0.5, -1],
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
    Entry(
        "square-of-one-place",
        "as many rows as classes, at one place: an axis of size one tells no order",
        [[[1], [-2], [0.5]], [[3], [0], [-1]], [[0], [4], [2]]],
        [[0], [2], [1]],
        [0.5, 3, 2],
        options=_NONE,
    ),
)
"""Small cases."""
