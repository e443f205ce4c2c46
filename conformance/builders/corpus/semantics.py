"""Cases for single sentences of the documentation, on which implementations differ."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

from conformance.builders.corpus.entry import (
    REGRESSION,
    Backwards,
    Entry,
    Expanded,
    Integers,
    Laid,
)
from conformance.builders.layouts import Layout

_pair = partial(Entry, losses=REGRESSION)
_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3], [-1, -0.5, 2]]
_LABELS: Final = [2, 0, 1]
_WEIGHT: Final = [2, 0.5, 3]
_CUBE: Final = [[[1, -2], [3, 0.5]], [[0, 4], [-1, 2]]]
_TABLE: Final = [[1.5, -2, 0.25], [4, 0, -8]]
_OTHER: Final = [[1, -2.5, 2], [-4, 0.5, -8.5]]
_MANY: Final = 65_536
_INF: Final = math.inf
_NAN: Final = math.nan
_NONE: Final = {"reduction": "none"}
_TURNED: Final = Layout(order=(1, 0))
_SPREAD: Final = Layout(step=2, offset=1)

_ROW_CASES: Final = (
    Entry(
        "ignored-last",
        "the last row is the ignored one",
        _ROWS,
        [2, 0, -100],
    ),
    Entry(
        "ignored-none",
        "an index to ignore that no target has",
        _ROWS,
        _LABELS,
        options={"ignore_index": -5},
    ),
    Entry(
        "everything-rows-65536",
        "more rows than a half can count, enough of them for several threads",
        Expanded([0.5, -1], (_MANY, 2)),
        Expanded(1, (_MANY,)),
    ),
    Entry(
        "classes-32000",
        "a vocabulary, and a label near its end",
        Expanded(0, (2, 32_000)),
        [31_999, 5],
    ),
    Entry(
        "empty-dimension-mean",
        "a mean over no places is 0/0",
        Expanded(0, (2, 3, 0)),
        Expanded(0, (2, 0)),
    ),
    Entry(
        "three-dimensions-more",
        "a shape (1, 2, 2, 1, 2)",
        [[[[[1, -2]], [[3, 0.5]]], [[[0, 4]], [[-1, 2]]]]],
        [[[[0, 1]], [[1, 1]]]],
        [2, 0.5],
    ),
    Entry(
        "probabilities-masked",
        "a share of zero at a masked class, beside two that differ from softmax",
        [[-_INF, 0, 1]],
        [[0, 0.25, 0.75]],
    ),
)
_SPECIAL_CASES: Final = (
    Entry(
        "nan-at-target", "NaN at the target", [[_NAN, 0], [1, 2]], [0, 0], options=_NONE
    ),
    Entry("nan-row", "NaN at every class", [[_NAN] * 2, [1, 2]], [0, 0], options=_NONE),
    Entry(
        "plus-infinity-row",
        "infinity at every class",
        [[_INF] * 2, [1, 2]],
        [0, 0],
        options=_NONE,
    ),
    Entry(
        "plus-infinity-ignored",
        "infinity in an ignored row",
        [[_INF, 0], [1, 2]],
        [-100, 0],
    ),
    Entry(
        "plus-infinity-weight-zero",
        "infinity in a row of weight zero",
        [[_INF, 0], [1, 2]],
        [1, 0],
        [2, 0],
        options=_NONE,
    ),
    Entry(
        "everything-weight-infinite",
        "infinity as the weight of a class",
        [[0, 1], [2, 0]],
        [0, 1],
        [_INF, 1],
        options=_NONE,
    ),
    Entry(
        "upstream-nan",
        "NaN in the cotangent reaches one row",
        [[0, 1], [2, 0]],
        [0, 1],
        upstream=[_NAN, 1],
        options=_NONE,
    ),
    Entry(
        "upstream-infinite",
        "infinity in the cotangent of one row",
        [[0, 1], [2, 0]],
        [0, 1],
        upstream=[_INF, 1],
        options=_NONE,
    ),
)
_LAYOUT_CASES: Final = (
    Entry(
        "backwards",
        "every argument runs backwards through its buffer",
        Backwards(_ROWS),
        Backwards(_LABELS),
        Backwards(_WEIGHT),
        upstream=Backwards([0.5, -1, 2]),
        options=_NONE,
    ),
    Entry(
        "target-transposed",
        "targets and cotangent whose batch axis is the fast one in memory",
        _CUBE,
        Laid([[0, 1], [1, 1]], _TURNED),
        upstream=Laid([[0.5, -1], [2, 4]], _TURNED),
        options=_NONE,
    ),
    Entry(
        "weight-expanded",
        "one weight for all classes, of stride zero",
        _ROWS,
        _LABELS,
        Expanded(0.75, (3,)),
    ),
    Entry(
        "weight-offset",
        "weights that begin inside their buffer",
        _ROWS,
        _LABELS,
        Laid(_WEIGHT, Layout(offset=1)),
    ),
    Entry(
        "everything-rows-none",
        "rows without reduction, and without a cotangent that some cannot take",
        _ROWS,
        [2, 2, 0],
        options=_NONE,
    ),
    Entry(
        "upstream-strided",
        "a cotangent with gaps, inside its buffer",
        _ROWS,
        _LABELS,
        upstream=Laid([0.5, -1, 2], _SPREAD),
        options=_NONE,
    ),
)
_INVALID_CASES: Final = (
    Entry(
        "invalid-target-bool",
        "truth values are no class indices",
        _ROWS,
        Integers([True, False, True], "bool"),
    ),
    Entry(
        "invalid-target-real",
        "real numbers in the shape of class indices",
        _ROWS,
        [2.0, 0.0, 1.0],
    ),
    Entry(
        "invalid-target-sum",
        "an index out of range, under the sum",
        _ROWS,
        [2, -1, 1],
        options={"reduction": "sum"},
    ),
    Entry("invalid-target-column", "indices as a column", _ROWS, [[2], [0], [1]]),
    Entry(
        "invalid-target-smoothing",
        "an index out of range, with smoothing",
        _ROWS,
        [2, 3, 1],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "invalid-target-weight-sum",
        "an index out of range, with weights, under the sum",
        _ROWS,
        [2, -1, 1],
        _WEIGHT,
        options={"reduction": "sum"},
    ),
    Entry(
        "invalid-target-2-to-31",
        "2**31 wraps to a negative number of 32 bits",
        _ROWS,
        [2, 2**31, 1],
    ),
    Entry(
        "invalid-target-minus-2-to-63",
        "the least of all 64-bit numbers is no class",
        _ROWS,
        [2, -(2**63), 1],
        options=_NONE,
    ),
    Entry(
        "invalid-target-only",
        "an index out of range beside ignored rows only",
        _ROWS,
        [-1, -100, -100],
    ),
    Entry(
        "invalid-target-missing-axis",
        "positions without targets of their own",
        _CUBE,
        [0, 1],
    ),
    Entry(
        "invalid-weight-matrix",
        "weights as a matrix of one row",
        _ROWS,
        _LABELS,
        [_WEIGHT],
    ),
    Entry(
        "invalid-weight-integer",
        "weights of an integer dtype",
        _ROWS,
        _LABELS,
        Integers([1, 2, 3]),
    ),
)
_PAIR_CASES: Final = (
    _pair(
        "backwards",
        "every argument runs backwards through its buffer",
        Backwards(_TABLE),
        Backwards(_OTHER),
        upstream=Backwards([[0, -1, 2], [0.5, 4, -0.25]]),
        options=_NONE,
    ),
    _pair(
        "target-transposed",
        "target and cotangent in a memory order of their own",
        _TABLE,
        Laid(_OTHER, _TURNED),
        upstream=Laid([[0, -1, 2], [0.5, 4, -0.25]], _TURNED),
        options=_NONE,
    ),
    _pair(
        "target-strided",
        "target and cotangent with gaps, inside their buffers",
        [1, 2, 3],
        Laid([1, 2.5, -3], _SPREAD),
        upstream=Laid([0.5, -1, 2], _SPREAD),
        options=_NONE,
    ),
    _pair(
        "everything-elements-65536",
        "more elements than a half can count, enough of them for several threads",
        Expanded(1.5, (_MANY,)),
        Expanded(-0.5, (_MANY,)),
    ),
)

# Backends are asked for everything about these: every relation, path and repetition.
_ASKED_CASES: Final = (
    Entry(
        "everything-mean",
        "weights and an ignored row under the mean",
        _ROWS,
        [2, -100, 1],
        _WEIGHT,
    ),
    Entry(
        "everything-none",
        "plain rows with a cotangent",
        _ROWS,
        _LABELS,
        upstream=[0.5, -1, 2],
        options=_NONE,
    ),
    Entry(
        "equal-weights-none",
        "class weights that are equal and not 1",
        _ROWS,
        _LABELS,
        [3, 3, 3],
        options=_NONE,
    ),
    Entry(
        "equal-weights-of-shares",
        "equal class weights beside class probabilities",
        _ROWS,
        [[0.25, 0.25, 0.5], [0, 1, 0.0], [0.5, 0.125, 0.375]],
        [3, 3, 3],
    ),
    Entry(
        "weighted-one-hot",
        "probabilities of 0 and 1 with weights: the mean is over rows, not weights",
        _ROWS,
        [[0, 0, 1], [1, 0, 0], [0, 1, 0.0]],
        [2, 0.5, 3],
    ),
    Entry("everything-one-row", "a batch of one", [[1.5, -2, 0.25]], [2]),
    Entry(
        "everything-probabilities",
        "shares with weights and smoothing under the sum",
        _ROWS,
        [[0.25, 0.25, 0.5], [0, 1, 0.0], [0.5, 0.125, 0.5]],
        _WEIGHT,
        options={"reduction": "sum", "label_smoothing": 0.25},
    ),
    Entry(
        "everything-smoothing-weight",
        "smoothing with weights: torch's vmap cannot",
        _ROWS,
        _LABELS,
        _WEIGHT,
        options={"label_smoothing": 0.125},
    ),
    Entry(
        "everything-gap-6-inner",
        "a gap of 6 with the class axis not last: torch's half formats lose it there",
        [[[0], [-6]]],
        [[0]],
        upstream=2,
    ),
    Entry(
        "everything-weight-32768",
        "a weight half of which a half format cannot hold twice",
        [[0, 0.25]],
        [1],
        [1, 2.0**15],
    ),
    Entry(
        "everything-weighted-mean-inner",
        "products and a sum of weights that float16 rounds, class axis not last",
        [[[0], [-1]], [[0], [0]], [[0], [-8]]],
        [[0], [1], [0]],
        [7, 3],
        dtypes=("float16",),
    ),
    Entry(
        "everything-weighted-mean",
        "products and a sum of weights that bfloat16 rounds",
        [[-2, 0, 0], [-4, -2, 0], [0, -8, -4]],
        [0, 2, 1],
        [3, 0.25, 5],
        dtypes=("bfloat16",),
    ),
    _pair(
        "everything-mean", "a pair under the mean, doubled", _TABLE, _OTHER, upstream=2
    ),
    _pair(
        "everything-none",
        "a pair with an equal element and a cotangent",
        [[1.5, -2], [4, 0]],
        [[1, -2], [-4, 0.5]],
        upstream=[[0.5, -1], [2, 4]],
        options=_NONE,
    ),
    _pair(
        "everything-sum",
        "a column, which broadcasts",
        [[1], [-2.5]],
        [0.5, 3, -1],
        options={"reduction": "sum"},
    ),
    Entry(
        "everything-weights-opposed",
        "terms of 20 000 and -16 000; four times as much no half can hold",
        [[0, -1000], [-1000, 0]],
        [1, 0],
        [-16, 20],
        options={"reduction": "sum"},
        dtypes=("float16",),
    ),
    Entry(
        "everything-gap-largest",
        "a gap beyond the format, whose logarithm of the other class overflows",
        [["largest", "-largest"]],
        [0],
        dtypes=("float16",),
    ),
    Entry(
        "everything-difference-40000",
        "one difference of three whose double no half can hold",
        [4e4, 0, 0],
        [0, 0, 1],
        upstream=0.015625,
        losses=("mse",),
        dtypes=("float16",),
    ),
    Entry(
        "everything-half-of-largest",
        "a difference whose double overflows, under an upstream gradient of zero",
        [0, -(2.0**15)],
        [0, 0.0],
        upstream=0,
        losses=("mse",),
        dtypes=("float16",),
    ),
    Entry(
        "everything-largest-of-three",
        "the largest number as one difference of three, whose double overflows",
        [0, 12, 0],
        ["-largest", 0, 1],
        losses=("mse",),
        dtypes=("float16",),
    ),
)

ENTRIES: Final = (
    *_ASKED_CASES,
    *_ROW_CASES,
    *_SPECIAL_CASES,
    *_LAYOUT_CASES,
    *_INVALID_CASES,
    *_PAIR_CASES,
)
