"""Cross-entropy: ignored targets, zero weights, infinities and NaN."""

from __future__ import annotations

import math
from typing import Final

from conformance.builders.corpus.entry import Entry, Expanded

_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3], [-1, -0.5, 2]]
_INF: Final = math.inf
_NAN: Final = math.nan
_NONE: Final = {"reduction": "none"}

ENTRIES: Final = (
    Entry("ignored-default", "-100 is ignored by default", _ROWS, [2, -100, 1]),
    Entry(
        "ignored-given",
        "an index of one's own, negative, is not counted in the mean",
        [[1] * 5] * 3,
        [-1, -1, 3],
        options={"ignore_index": -1},
    ),
    Entry(
        "ignored-a-class",
        "a class of the range may be the ignored one",
        _ROWS,
        [2, 0, 1],
        options={"ignore_index": 0},
    ),
    Entry(
        "ignored-number-of-classes",
        "the first index out of range, as the ignored one",
        _ROWS,
        [2, 3, 1],
        options={"ignore_index": 3},
    ),
    Entry(
        "ignored-255",
        "255, usual in segmentation, is no class and gathers nothing",
        _ROWS,
        [2, 255, 1],
        options={"ignore_index": 255, "reduction": "none"},
    ),
    Entry(
        "ignored-weight-smoothing",
        "ignored rows take no part in smoothing, and not their weight in the mean",
        _ROWS,
        [2, -100, 1],
        [2, 0.5, 3],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "ignored-weight-smoothing-none",
        "the same, row by row, with a cotangent",
        _ROWS,
        [2, -100, 1],
        [2, 0.5, 3],
        upstream=[-1, 2, 0.5],
        options={"label_smoothing": 0.1, "reduction": "none"},
    ),
    Entry("all-ignored", "a mean over no rows is 0/0", _ROWS, [-100] * 3),
    Entry(
        "all-ignored-sum",
        "a sum over no rows",
        _ROWS,
        [-100] * 3,
        options={"reduction": "sum"},
    ),
    Entry("all-ignored-none", "each row is zero", _ROWS, [-100] * 3, options=_NONE),
    Entry(
        "all-ignored-smoothing",
        "smoothing finds no row either",
        _ROWS,
        [-100] * 3,
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "total-weight-zero", "all targets weigh nothing", _ROWS, [0, 0, 0], [0, 1, 2]
    ),
    Entry(
        "total-weight-zero-smoothing",
        "smoothing adds other classes to a numerator over zero",
        _ROWS,
        [0, 0, 0],
        [0, 1, 2],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "total-weight-cancels", "weights that sum to zero", _ROWS, [0, 1, 0], [1, -2, 5]
    ),
    Entry("weights-zero", "every weight is zero", _ROWS, [0, 1, 2], [0, 0, 0]),
    Entry(
        "weight-zero-none",
        "a class of weight zero has no loss",
        _ROWS,
        [0, 1, 2],
        [0, 1, 2],
        options=_NONE,
    ),
    Entry(
        "minus-infinity-at-target",
        "the target has no probability: the loss is infinite",
        [[-_INF, 0, 1]],
        [0],
        options=_NONE,
    ),
    Entry(
        "minus-infinity-elsewhere",
        "a masked class changes nothing but the sum",
        [[-_INF, 0, 1]],
        [1],
        options=_NONE,
    ),
    Entry(
        "minus-infinity-smoothing",
        "smoothing gives a masked class a share: the loss is infinite",
        [[-_INF, 0, 1]],
        [1],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "minus-infinity-smoothing-weight-zero",
        "a masked class of weight zero, smoothed: zero times infinity",
        [[-_INF, 0, 1]],
        [1],
        [0, 1, 1],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "minus-infinity-probability-zero",
        "a masked class with a share of zero: zero times infinity",
        [[-_INF, 0]],
        [[0.0, 1.0]],
    ),
    Entry(
        "minus-infinity-weight-zero",
        "an infinite loss of weight zero",
        [[-_INF, 0], [1, 2]],
        [0, 1],
        [0, 1],
        options=_NONE,
    ),
    Entry(
        "minus-infinity-ignored",
        "an infinite loss in an ignored row",
        [[-_INF, 0], [1, 2]],
        [-100, 1],
    ),
    Entry(
        "minus-infinity-row",
        "a row masked as a whole",
        [[-_INF] * 3, [1, 2, 3]],
        [0, 1],
    ),
    Entry(
        "minus-infinity-all-but-one",
        "one class is left: its loss is zero",
        [[-_INF] * 8 + [2]],
        [8],
    ),
    Entry(
        "minus-infinity-leading-block",
        "2048 masked classes, so that whole tiles of a kernel are, then one",
        [[-_INF] * 2048 + [1]],
        [2048],
        options=_NONE,
    ),
    Entry(
        "plus-infinity-at-target",
        "infinity minus infinity",
        [[_INF, 0, 1]],
        [0],
        options=_NONE,
    ),
    Entry(
        "plus-infinity-elsewhere",
        "the target is infinitely far behind",
        [[_INF, 0, 1]],
        [1],
        options=_NONE,
    ),
    Entry(
        "nan-logit",
        "NaN reaches its row only",
        [[_NAN, 0], [1, 2]],
        [1, 0],
        options=_NONE,
    ),
    Entry("nan-logit-mean", "NaN reaches the mean", [[0, _NAN], [1, 2]], [0, 0]),
    Entry("nan-ignored", "NaN in an ignored row", [[_NAN, 0], [1, 2]], [-100, 0]),
    Entry(
        "nan-weight-zero",
        "NaN in a row of weight zero",
        [[_NAN, 0], [1, 2]],
        [0, 1],
        [0, 1],
    ),
    Entry("nan-probability", "NaN in a target", [[0, 1]], [[_NAN, 0.5]], options=_NONE),
    Entry("nan-weight", "NaN as the weight of a class", [[0, 1]], [0], [_NAN, 1]),
    Entry(
        "upstream-zero-infinite-loss",
        "a cotangent of zero on an infinite loss",
        [[-_INF, 0], [1, 2]],
        [0, 1],
        upstream=[0, 1],
        options=_NONE,
    ),
    Entry(
        "label-above-byte",
        "class 256 does not fit a byte",
        Expanded(0, (2, 257)),
        [256, 0],
    ),
    Entry(
        "weights-special-none",
        "infinity and NaN as the weights of two classes, row by row",
        [[1, 0, -1], [2, 0, 1], [0, 1, 3]],
        [0, 1, 2],
        [_INF, _NAN, 0.5],
        options=_NONE,
        dtypes=("bfloat16", "float32"),
    ),
)
