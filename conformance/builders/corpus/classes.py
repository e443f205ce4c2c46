"""Cross-entropy: options, shapes and layouts on ordinary logits."""

from __future__ import annotations

from typing import Final

from conformance.builders.corpus.entry import Entry, Expanded, Laid
from conformance.builders.layouts import Layout

_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3], [-1, -0.5, 2]]
_LABELS: Final = [2, 0, 1]
_SHARES: Final = [[0.25, 0.25, 0.5], [0, 1, 0.0], [0.5, 0.125, 0.375]]
_WEIGHT: Final = [2, 0.5, 3]
_CUBE: Final = [[[1, -2], [3, 0.5]], [[0, 4], [-1, 2]]]

ENTRIES: Final = (
    Entry("plain", "the default reduction, spelled by nobody", _ROWS, _LABELS),
    Entry(
        "reduction-mean",
        "the mean, spelled out",
        _ROWS,
        _LABELS,
        options={"reduction": "mean"},
    ),
    Entry("reduction-sum", "the sum", _ROWS, _LABELS, options={"reduction": "sum"}),
    Entry("reduction-none", "each row", _ROWS, _LABELS, options={"reduction": "none"}),
    Entry(
        "weight",
        "the mean divides by the weights of the targets",
        _ROWS,
        _LABELS,
        _WEIGHT,
    ),
    Entry(
        "weight-sum",
        "weighted rows",
        _ROWS,
        _LABELS,
        _WEIGHT,
        options={"reduction": "sum"},
    ),
    Entry(
        "weight-below-one",
        "a total weight below one, where a denominator clamped at one shows",
        _ROWS,
        _LABELS,
        [0.25, 0.125, 0.0625],
    ),
    Entry(
        "weight-negative", "a negative weight is accepted", _ROWS, _LABELS, [2, -0.5, 3]
    ),
    Entry(
        "smoothing",
        "the target's share is 1 − ε + ε/C, every class gets ε/C",
        _ROWS,
        _LABELS,
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "smoothing-five-classes",
        "five classes tell ε/C from ε/(C − 1) and (1 − ε)/C",
        [[2, 1, 0, -1, 0.5]],
        [0],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "smoothing-whole",
        "smoothing of one leaves nothing of the target",
        _ROWS,
        _LABELS,
        options={"label_smoothing": 1.0},
    ),
    Entry(
        "smoothing-weight",
        "smoothing weighs each class by its own weight",
        _ROWS,
        _LABELS,
        _WEIGHT,
        options={"label_smoothing": 0.5},
    ),
    Entry("probabilities", "class probabilities as target", _ROWS, _SHARES),
    Entry(
        "probabilities-none",
        "class probabilities, row by row",
        _ROWS,
        _SHARES,
        options={"reduction": "none"},
    ),
    Entry(
        "probabilities-weight",
        "weights enter the terms but not the denominator, which is N",
        _ROWS,
        _SHARES,
        _WEIGHT,
    ),
    Entry(
        "probabilities-smoothing",
        "probabilities are smoothed too",
        _ROWS,
        _SHARES,
        _WEIGHT,
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "probabilities-one-hot",
        "one-hot probabilities mean the same as class indices",
        _ROWS,
        [[0, 0, 1], [1, 0, 0], [0, 1, 0.0]],
    ),
    Entry(
        "probabilities-not-normalised",
        "rows that sum to 0, 2 and 0.5: the gradient is p · Σt − t",
        _ROWS,
        [[0, 0, 0], [1, 0.5, 0.5], [0.25, 0, 0.25]],
    ),
    Entry(
        "probabilities-negative",
        "a negative share is only a number",
        _ROWS,
        [[-0.25, 0.5, 0.75], [0, 1, 0], [0.5, 0.5, 0.0]],
    ),
    Entry(
        "probabilities-ignore-negative",
        "a negative ignored index means nothing beside probabilities",
        _ROWS,
        _SHARES,
        options={"ignore_index": -1},
    ),
    Entry(
        "one-dimension-more",
        "a shape (2, 2, 2), whose sizes do not tell the class axis from others",
        _CUBE,
        [[0, 1], [1, 1]],
    ),
    Entry(
        "one-dimension-more-none",
        "class weights and smoothing along an inner class axis",
        _CUBE,
        [[0, 1], [1, 1]],
        [2, 0.5],
        options={"reduction": "none", "label_smoothing": 0.1},
    ),
    Entry(
        "two-dimensions-more",
        "a shape (1, 3, 1, 2)",
        [[[[1, 2]], [[-1, 0.5]], [[3, -2]]]],
        [[[2, 0]]],
    ),
    Entry(
        "probabilities-one-dimension-more",
        "probabilities with an inner class axis",
        _CUBE,
        [[[0.25, 1], [0.75, 0]], [[0.5, 0.5], [0.5, 0.5]]],
    ),
    Entry("unbatched", "a single row without a batch axis", [1.5, -2, 0.25], 2),
    Entry(
        "unbatched-probabilities",
        "a single row of probabilities",
        [1.5, -2, 0.25],
        [0.25, 0.25, 0.5],
    ),
    Entry(
        "empty-batch",
        "a mean over no rows is 0/0",
        Expanded(0, (0, 3)),
        Expanded(0, (0,)),
    ),
    Entry(
        "empty-batch-sum",
        "a sum over no rows is zero",
        Expanded(0, (0, 3)),
        Expanded(0, (0,)),
        options={"reduction": "sum"},
    ),
    Entry(
        "empty-dimension",
        "no places in a shape (2, 3, 0)",
        Expanded(0, (2, 3, 0)),
        Expanded(0, (2, 0)),
        options={"reduction": "none"},
    ),
    Entry(
        "one-class",
        "one class: the loss is zero whatever the logit",
        [[5], [-3]],
        [0, 0],
    ),
    Entry("equal-logits", "log C, whatever the offset", [[3, 3, 3], [0, 0, 0]], [0, 2]),
    Entry(
        "upstream-non-uniform",
        "a cotangent with a zero first and a sign change",
        _ROWS,
        _LABELS,
        _WEIGHT,
        upstream=[0, -1, 1024],
        options={"reduction": "none"},
    ),
    Entry(
        "upstream-expanded",
        "a cotangent of stride zero, as a sum leaves behind",
        _ROWS,
        _LABELS,
        upstream=Expanded(3, (3,)),
        options={"reduction": "none"},
    ),
    Entry(
        "upstream-scaled",
        "a loss multiplied by 1024 afterwards, as loss scaling does",
        _ROWS,
        _LABELS,
        upstream=1024,
    ),
    Entry("upstream-zero", "a cotangent of zero", _ROWS, _LABELS, upstream=0),
    Entry(
        "transposed",
        "logits whose class axis is the slow one in memory",
        Laid(_ROWS, Layout(order=(1, 0))),
        _LABELS,
    ),
    Entry(
        "class-axis-last-in-memory",
        "logits of shape (2, 2, 2) that come from a model with the classes last",
        Laid(_CUBE, Layout(order=(0, 2, 1))),
        [[0, 1], [1, 1]],
    ),
    Entry(
        "every-second-element",
        "slices of step 2 with garbage in between, in every argument",
        Laid(_ROWS, Layout(step=2, offset=1)),
        Laid(_LABELS, Layout(step=2, offset=1)),
        Laid(_WEIGHT, Layout(step=2)),
    ),
    Entry(
        "probabilities-nearly-one",
        "rows that sum to 1 less a 256th and to 1 and a 128th: they are not scaled",
        _ROWS[:2],
        [[0.25, 0.25, 127 / 256], [0.5, 0.375, 17 / 128]],
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "probabilities-cancel",
        "shares of both signs that sum to 0: the gradient is −t, not 0",
        _ROWS[:2],
        [[0.5, -0.5, 0], [-0.25, 1, -0.75]],
        options={"reduction": "none"},
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "probabilities-weight-zero",
        "a class of weight 0 has a gradient by its weight",
        _ROWS,
        _SHARES,
        [0, 2, 0.5],
        dtypes=("bfloat16", "float32"),
    ),
)
