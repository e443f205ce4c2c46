"""Many classes, rows and places without any option, under the mean.

A function of logits and labels alone is asked for nothing else: what only a second
block or tile shows has to show here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders.corpus.arrays import hill, labels, real, rising
from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Made

if TYPE_CHECKING:
    from collections.abc import Iterator

_SINGLE: Final = ("float32",)
_TRAINED: Final = ("bfloat16", "float32")
_PLACES: Final = ((3, 4, 150), (9, 35, 5, 5), (2, 3, 40, 3), (1, 140, 6), (300, 2, 3))


def _few_open(classes: int, open_ones: int) -> Made:
    row = np.where(np.arange(classes) < open_ones, 0.0, -np.inf)
    return Made(lambda _grid: row[np.newaxis])


def _classes() -> Iterator[Entry]:
    yield Entry(
        "plain-rising-40000",
        "logits that rise over more classes than the largest block has",
        rising(40_000),
        [39_998],
        dtypes=_SINGLE,
    )
    yield Entry(
        "plain-hill-of-5000",
        "the largest logit in the middle, in the first of two blocks or the third",
        hill(5000),
        [4998],
        dtypes=_TRAINED,
    )
    yield Entry(
        "plain-tail-of-278-classes",
        "a last vector of 22 classes",
        real(1, 278),
        [275],
        dtypes=_SINGLE,
    )
    yield Entry(
        "plain-peak-of-13",
        "thousands of classes that together count, each far below the largest",
        Made(lambda _grid: 13.0 * np.eye(1, 4000, 5)),
        [3998],
        dtypes=_SINGLE,
    )
    yield Entry(
        "plain-masked-behind-40",
        "classes that are masked from the second block on",
        _few_open(2100, open_ones=40),
        [7],
        dtypes=_SINGLE,
    )


def _rows() -> Iterator[Entry]:
    for rows, classes in ((70, 150), (1100, 14)):
        yield Entry(
            f"plain-{rows}-rows-of-{classes}",
            "a second block of rows with a second vector of classes",
            real(rows, classes),
            labels(rows, classes=classes),
            dtypes=_SINGLE,
        )
    for shape in _PLACES:
        yield Entry(
            f"plain-{'-by-'.join(map(str, shape))}",
            "classes that are not the last axis, in a second block of some axis",
            real(*shape),
            labels(shape[0], *shape[2:], classes=shape[1]),
            dtypes=_SINGLE,
        )


def _landmarks(count: int) -> Entry:
    places = np.arange(count)
    ends = (places & (places + 1) == 0) | (places & (places - 1) == 0)
    values = np.where(ends | (places == count - 1), 1.0, 0.0)
    return Entry(
        f"plain-landmarks-{count}",
        "differences where blocks begin and end, and none between: no mean hides one",
        Made(lambda _grid: values),
        Expanded(0, (count,)),
        losses=REGRESSION,
        dtypes=_SINGLE,
    )


ENTRIES: Final[tuple[Entry, ...]] = (
    *_classes(),
    *_rows(),
    *(_landmarks((1 << 15) + d) for d in (-1, 1)),
)
"""Every case without an option."""
