"""MAE and MSE: options, shapes, layouts and special values."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Laid
from conformance.builders.layouts import Layout

_entry = partial(Entry, losses=REGRESSION)
_TABLE: Final = [[1.5, -2, 0.25], [4, 0, -8]]
_OTHER: Final = [[1, -2.5, 2], [-4, 0.5, -8.5]]
_INF: Final = math.inf
_NAN: Final = math.nan

ENTRIES: Final = (
    _entry("plain", "the default reduction, spelled by nobody", _TABLE, _OTHER),
    _entry(
        "reduction-mean",
        "the mean, spelled out",
        _TABLE,
        _OTHER,
        options={"reduction": "mean"},
    ),
    _entry("reduction-sum", "the sum", _TABLE, _OTHER, options={"reduction": "sum"}),
    _entry(
        "reduction-none", "each term", _TABLE, _OTHER, options={"reduction": "none"}
    ),
    _entry("scalar", "arguments without axes", 3.5, -1.25),
    _entry("one-element", "a mean over a single term", [2.5], [-0.5]),
    _entry(
        "three-axes", "a shape (2, 2, 1)", [[[1], [2]], [[3], [5]]], [[[0.5]] * 2] * 2
    ),
    _entry("empty", "a mean over nothing is 0/0", [], []),
    _entry(
        "empty-sum", "a sum over nothing is zero", [], [], options={"reduction": "sum"}
    ),
    _entry(
        "empty-none",
        "no terms, no error",
        [[], []],
        [[], []],
        options={"reduction": "none"},
    ),
    _entry(
        "broadcast-target",
        "a target row for every input row: its gradient is summed over rows",
        _TABLE,
        [1, -2.5, 2],
    ),
    _entry(
        "broadcast-input",
        "an input column against a row: the mean divides by the broadcast size",
        [[1], [-2]],
        [0.5, 3, -1],
        options={"reduction": "mean"},
    ),
    _entry(
        "broadcast-none",
        "each term of a broadcast pair, with an upstream gradient of that shape",
        [[1], [-2]],
        [0.5, 3],
        upstream=[[1, -2], [0, 0.5]],
        options={"reduction": "none"},
    ),
    _entry(
        "upstream-non-uniform",
        "a cotangent with a zero first and a sign change",
        _TABLE,
        _OTHER,
        upstream=[[0, -1, 2], [0.5, 1024, -0.25]],
        options={"reduction": "none"},
    ),
    _entry(
        "upstream-expanded",
        "a cotangent of stride zero, as a sum leaves behind",
        _TABLE,
        _OTHER,
        upstream=Expanded(3, (2, 3)),
        options={"reduction": "none"},
    ),
    _entry(
        "upstream-scaled",
        "a loss multiplied by 1024 afterwards, as loss scaling does",
        _TABLE,
        _OTHER,
        upstream=1024,
    ),
    _entry("upstream-zero", "a cotangent of zero", _TABLE, _OTHER, upstream=0),
    _entry(
        "transposed",
        "input and target in different memory orders",
        Laid(_TABLE, Layout(order=(1, 0))),
        _OTHER,
    ),
    _entry(
        "every-second-element",
        "a slice of step 2 with garbage in between",
        Laid([1, 2, 3], Layout(step=2, offset=1)),
        Laid([1, 2.5, -3], Layout(step=2)),
    ),
    _entry(
        "equal", "no difference: MAE's derivative there is zero", [1, 0, -3], [1, 0, -3]
    ),
    _entry(
        "signed-zeros",
        "zeros of either sign differ by nothing",
        [0.0, -0.0, 0.0, -0.0],
        [0.0, 0.0, -0.0, -0.0],
        options={"reduction": "none"},
    ),
    _entry(
        "neighbours",
        "a difference of one unit in the last place",
        [1.0, "subnormal"],
        [1.0, "normal"],
        options={"reduction": "none"},
    ),
    _entry(
        "subnormals",
        "differences below the normal range",
        ["tiny", "-tiny", "subnormal"],
        [0, "tiny", "-tiny"],
        options={"reduction": "none"},
    ),
    _entry("wide-gap-ahead", "one input far above its target", [1e4, 0, 1], [0, 0, 1]),
    _entry(
        "wide-gap-behind", "one input far below its target", [-1e4, 0, 1], [0, 0, 1]
    ),
    _entry(
        "largest",
        "a difference beyond the largest finite number",
        ["largest", 0],
        ["-largest", 0],
        options={"reduction": "none"},
    ),
    _entry("infinite-input", "one infinite term", [_INF, 1], [0, 3]),
    _entry(
        "infinite-both",
        "infinities that agree have no difference, opposite ones an infinite one",
        [_INF, -_INF, _INF],
        [_INF, -_INF, -_INF],
        options={"reduction": "none"},
    ),
    _entry(
        "nan-input",
        "NaN reaches its own term",
        [_NAN, 1],
        [0, 3],
        options={"reduction": "none"},
    ),
    _entry("nan-target", "NaN reaches the mean", [0, 1], [3, _NAN]),
    _entry(
        "nan-both",
        "NaN against NaN is not a difference of zero",
        [_NAN, 2],
        [_NAN, 1],
        options={"reduction": "none"},
    ),
    _entry(
        "upstream-special",
        "infinities and NaN in the cotangent, each reaches its own element",
        [1, 2, -3, 4],
        [3, -1, 0.5, 1],
        upstream=[_INF, _NAN, -_INF, 2],
        options={"reduction": "none"},
        dtypes=("bfloat16", "float32"),
    ),
    _entry(
        "empty-stretched",
        "a column against no columns: no terms, and a gradient of zeros",
        [[1], [2]],
        [[], []],
        options={"reduction": "none"},
        dtypes=("bfloat16", "float32"),
    ),
)
