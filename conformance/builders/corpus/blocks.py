"""Ordinary numbers behind the first block of rows, classes, places and axes.

A kernel walks a tensor in tiles, and its tests seldom reach the second one with
weights, ignored rows, class probabilities or a direction. The numbers here are such
that every element counts: the others do not drown it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders.corpus.arrays import (
    hill,
    labels,
    real,
    rising,
    shares,
    upstream,
    weights,
)
from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Made, Sliding
from conformance.builders.corpus.sequences import differences, wave
from conformance.builders.layouts import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLOAT32: Final = ("float32",)
_TRAINED: Final = ("bfloat16", "float32")
"""What networks are trained in; a kernel may have a build for each."""

_NONE: Final = {"reduction": "none"}
_POWER: Final = {"mae": 1, "mse": 2}
_TABLES: Final = {"mae": (600, 512), "mse": (1030, 1030)}


def _sequence(rows: int, classes: int) -> Sliding:
    return Sliding(
        lambda _grid: wave((rows + classes,), 61, 7) / 2, shape=(rows, classes)
    )


def _masked(classes: int, open_ones: int) -> Made:
    index = np.arange(classes)
    row = np.where(index < open_ones, wave((classes,), 13), -np.inf)
    return Made(lambda _grid: row[np.newaxis])


_CLASSES: Final = (
    Entry(
        "rising-66000",
        "logits that rise over more classes than 16 bits can count",
        rising(66_000),
        [65_998],
        options=_NONE,
        dtypes=_FLOAT32,
    ),
    Entry(
        "rising-4103-smoothed",
        "logits that rise over five blocks, weighted and smoothed",
        rising(4103),
        [4101],
        weights(4103, 7),
        options=_NONE | {"label_smoothing": 0.25},
        dtypes=_TRAINED,
    ),
    Entry(
        "hill-of-50257",
        "the largest logit in the middle of a vocabulary, weighted and smoothed",
        hill(50_257),
        [50_255],
        weights(50_257, 7),
        options=_NONE | {"label_smoothing": 0.25},
        dtypes=_FLOAT32,
    ),
    Entry(
        "peak-of-13-before-4000",
        "thousands of classes that together count, each far below the largest",
        Made(lambda _grid: 13.0 * np.eye(1, 4000, 5)),
        [3998],
        options=_NONE,
        dtypes=_TRAINED,
    ),
    Entry(
        "tail-of-278-classes",
        "a last vector of 22 classes",
        real(1, 278),
        [275],
        options=_NONE,
        dtypes=_TRAINED,
    ),
    Entry(
        "masked-behind-40",
        "classes that are masked from the second block on",
        _masked(2100, open_ones=40),
        [7],
        options=_NONE,
        dtypes=_TRAINED,
    ),
)


def _rows() -> Iterator[Entry]:
    rows = 66_000
    for reduction in ("none", "mean"):
        yield Entry(
            f"weighted-{rows}-rows-{reduction}",
            "more rows than 16 bits can count, weighted, some of them ignored",
            _sequence(rows, 2),
            labels(rows, classes=2, ignored=-100),
            [0.5, 3],
            upstream(rows) if reduction == "none" else 4,
            options={"reduction": reduction},
            dtypes=_FLOAT32,
        )
    yield Entry(
        "weighted-70-rows-of-1030",
        "a second block of rows with a second block of classes",
        _sequence(70, 1030),
        labels(70, classes=1030, ignored=-100),
        weights(1030, 7),
        -3,
        dtypes=_TRAINED,
    )

    yield Entry(
        "80-rows-of-12",
        "a cotangent for more rows than a warp has lanes",
        real(80, 12),
        labels(80, classes=12, ignored=-100),
        upstream=upstream(80),
        options=_NONE,
        dtypes=_TRAINED,
    )


_SHARED: Final = (
    Entry(
        "shares-of-1100-rows",
        "class probabilities for more rows than a block has threads",
        real(1100, 3),
        shares(1100, 3),
        [0.5, 3, 2],
        upstream(1100),
        options=_NONE,
        dtypes=_TRAINED,
    ),
    Entry(
        "shares-of-1100-classes",
        "probabilities for more classes than a block has threads, weighted, smoothed",
        real(3, 1100),
        shares(3, 1100),
        weights(1100, 7),
        options={"label_smoothing": 0.25},
        dtypes=_TRAINED,
    ),
    Entry(
        "shares-of-4103-classes",
        "probabilities for five blocks of classes",
        real(1, 4103),
        shares(1, 4103),
        options=_NONE,
        dtypes=_TRAINED,
    ),
    Entry(
        "shares-of-200-inner-classes",
        "probabilities for a second warp of classes that are not the last axis",
        real(1, 200, 4),
        shares(1, 200, 4),
        weights(200, 7),
        -2,
        options={"label_smoothing": 0.25},
        dtypes=_TRAINED,
    ),
    Entry(
        "shares-of-3-by-50-places",
        "probabilities at more places than a warp has lanes",
        real(3, 4, 50),
        shares(3, 4, 50),
        [0.5, 2, 3, 1],
        upstream(3, 50),
        options=_NONE,
        dtypes=_TRAINED,
    ),
    Entry(
        "shares-of-12-images",
        "probabilities for a batch of small images",
        real(12, 3, 2, 2),
        shares(12, 3, 2, 2),
        [0.5, 2, 3],
        upstream(12, 2, 2),
        options=_NONE,
        dtypes=_TRAINED,
    ),
    Entry(
        "shares-of-40-classes-alone",
        "probabilities without a batch",
        real(40),
        shares(40),
        weights(40, 7),
        -2,
        dtypes=_TRAINED,
    ),
)


_PLACES: Final = (
    Entry(
        "image-of-21-classes",
        "labels of a small image, one of the classes ignored",
        real(2, 21, 6, 10),
        labels(2, 6, 10, classes=21, ignored=5),
        weights(21, 7),
        upstream(2, 6, 10),
        options=_NONE | {"ignore_index": 5},
        dtypes=_TRAINED,
    ),
    Entry(
        "image-of-150-classes",
        "many classes at few places, averaged",
        real(1, 150, 3, 2),
        labels(1, 3, 2, classes=150, ignored=5),
        weights(150, 7),
        2,
        options={"ignore_index": 5, "label_smoothing": 0.25},
        dtypes=_TRAINED,
    ),
    Entry(
        "batch-of-40-images",
        "more images than a warp has lanes",
        real(40, 3, 2, 5),
        labels(40, 2, 5, classes=3, ignored=-100),
        [0.5, 3, 2],
        -2,
        dtypes=_TRAINED,
    ),
    Entry(
        "sum-of-two-classes",
        "two classes at several places, with every option",
        real(2, 2, 3),
        Made(lambda _grid: np.array([[0, -100, 1], [1, 1, 0]])),
        [0.5, 3],
        2,
        options={"reduction": "sum", "label_smoothing": 0.25},
        dtypes=_TRAINED,
    ),
    Entry(
        "batch-of-10-with-40-by-3-places",
        "the first of two axes of places is longer than a warp",
        real(10, 5, 40, 3),
        labels(10, 40, 3, classes=5, ignored=-100),
        weights(5, 7),
        2,
        dtypes=_TRAINED,
    ),
    Entry(
        "1500-places-of-4-classes",
        "two rows with more places than a block has threads",
        real(2, 4, 1500),
        labels(2, 1500, classes=4, ignored=-100),
        dtypes=_TRAINED,
    ),
    Entry(
        "nine-axes",
        "classes before seven more axes",
        real(2, 3, 1, 2, 1, 2, 1, 1, 2),
        labels(2, 1, 2, 1, 2, 1, 1, 2, classes=3, ignored=-100),
        [0.5, 3, 2],
        dtypes=_TRAINED,
    ),
)


_DIRECTIONS: Final = (
    Entry(
        "along-100-classes",
        "a direction through a second block of classes",
        real(2, 100),
        [3, 97],
        tangent=real(2, 100, period=9),
        options=_NONE,
        dtypes=_TRAINED,
    ),
    Entry(
        "along-100-rows",
        "a direction through a second block of rows, with every option",
        real(100, 3),
        labels(100, classes=3, ignored=-100),
        [0.5, 3, 2],
        upstream(100),
        tangent=real(100, 3, period=9),
        options=_NONE | {"label_smoothing": 0.25},
        dtypes=_FLOAT32,
    ),
    Entry(
        "along-a-cube",
        "a direction where all axes but the first are as long as there are classes",
        real(1, 3, 3, 3),
        labels(1, 3, 3, classes=3, ignored=-100),
        tangent=real(1, 3, 3, 3, period=7),
        options=_NONE,
        dtypes=_TRAINED,
    ),
)


def _differences() -> Iterator[Entry]:
    axes = (2, 3, 2, 2, 2)
    yield Entry(
        "everything-33000",
        "so many differences that several threads share them, on every path",
        real(33_000),
        real(33_000, period=11),
        upstream=2,
        losses=REGRESSION,
        dtypes=_FLOAT32,
    )
    yield Entry(
        "five-axes",
        "more axes than an image batch has",
        real(*axes),
        real(*axes, period=11),
        upstream=upstream(*axes),
        options=_NONE,
        losses=REGRESSION,
        dtypes=_TRAINED,
    )
    yield Entry(
        "five-axes-stretched",
        "both arguments are stretched along axes of their own",
        real(2, 3, 1, 2, 2),
        real(3, 2, 1, 2, period=11),
        upstream=upstream(*axes),
        options=_NONE,
        losses=REGRESSION,
        dtypes=_TRAINED,
    )
    yield Entry(
        "nine-axes",
        "more axes than an index has places for",
        real(2, 1, 3, 1, 2, 1, 1, 1, 2),
        real(2, 1, 3, 1, 2, 1, 1, 1, 2, period=11),
        losses=REGRESSION,
        dtypes=_TRAINED,
    )
    yield Entry(
        "turned-cotangent-of-four-axes",
        "a cotangent with its axes in another order in memory",
        real(2, 3, 2, 2),
        real(2, 3, 2, 2, period=11),
        upstream=upstream(2, 3, 2, 2, layout=Layout(order=(0, 2, 3, 1))),
        options=_NONE,
        losses=REGRESSION,
        dtypes=_TRAINED,
    )
    for loss, power in _POWER.items():
        yield from _sums(loss, power)


def _sums(loss: str, power: int) -> Iterator[Entry]:
    shape = _TABLES[loss]
    yield Entry(
        f"exact-sum-of-{shape[0]}-rows",
        "so many differences that a grid of blocks is used up, and every one counts",
        Sliding(
            lambda _grid: differences(sum(shape), power, math.prod(shape)) * 1.0, shape
        ),
        Expanded(0, shape),
        losses=(loss,),
        options={"reduction": "sum"},
        dtypes=_FLOAT32,
    )
    yield Entry(
        "exact-sum-of-5000-copies",
        "a target of two numbers that is stretched over 5 000 rows",
        Made(lambda _grid: differences(10_000, power).reshape(5000, 2) * 1.0),
        [0.0, 0.0],
        losses=(loss,),
        options={"reduction": "sum"},
        dtypes=_FLOAT32,
    )


ENTRIES: Final[tuple[Entry, ...]] = (
    *_CLASSES,
    *_rows(),
    *_SHARED,
    *_PLACES,
    *_DIRECTIONS,
    *_differences(),
)
"""Every case behind a first block."""
