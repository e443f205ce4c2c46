"""Sums and counts that do not fit a half format though the answer does."""

from __future__ import annotations

from typing import Final

from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded

_HALF: Final = ("float16",)

ENTRIES: Final = (
    Entry(
        "sum-beyond-half",
        "70 rows of loss 1000: their sum does not fit a half, their mean does",
        Expanded([0, -1000], (70, 2)),
        Expanded(1, (70,)),
    ),
    Entry(
        "sum-beyond-half-probabilities",
        "the same with class probabilities",
        Expanded([0, -1000], (70, 2)),
        Expanded([0.0, 1.0], (70, 2)),
    ),
    Entry(
        "weights-beyond-half",
        "the weights of the rows sum to 80 000",
        Expanded(0, (4, 2)),
        [0, 1, 0, 1],
        [2e4, 2e4],
    ),
    Entry(
        "rows-257",
        "257 rows: more than bfloat16 can count in steps of one",
        Expanded(0, (257, 2)),
        Expanded(0, (257,)),
    ),
    Entry(
        "rows-128-sum",
        "128 equal rows, the class axis not last: only the sum can go wrong",
        Expanded([[[0], [-5]]], (1, 2, 128)),
        Expanded(0, (1, 128)),
        [0.3, 0.7],
        options={"reduction": "sum"},
    ),
    Entry(
        "rows-16-sum",
        "16 equal rows of weight 0.7, the class axis not last",
        Expanded([[[0], [-1]]], (1, 2, 16)),
        Expanded(1, (1, 16)),
        [0.3, 0.7],
        options={"reduction": "sum"},
    ),
    Entry(
        "rows-16-mean",
        "16 equal rows, the class axis not last: only the mean can go wrong",
        Expanded([[[0], [-1]]], (1, 2, 16)),
        Expanded(1, (1, 16)),
        [0.3, 0.7],
    ),
    Entry(
        "rows-128-weights",
        "128 equal weights that a half format cannot add without error",
        Expanded([[[0], [-5]]], (1, 2, 128)),
        Expanded(1, (1, 128)),
        [1.1, 1.1],
    ),
    Entry(
        "rows-60000-of-8",
        "60 000 rows of 8 equal logits: the mean is log 8",
        Expanded(0, (60000, 8)),
        Expanded(0, (60000,)),
        dtypes=_HALF,
    ),
    Entry(
        "rows-60000",
        "60 000 rows of weight 3: neither losses nor weights sum within a half",
        Expanded(0, (60000, 2)),
        Expanded(0, (60000,)),
        [3, 3],
        dtypes=_HALF,
    ),
    Entry(
        "rows-65520",
        "65 520 rows: their number itself rounds to infinity in a half",
        Expanded(0, (65520, 2)),
        Expanded(0, (65520,)),
        dtypes=_HALF,
    ),
    Entry(
        "smoothing-10000-classes",
        "Σ −log p over 10 000 equal classes is 92 103, before it is scaled by ε/C",
        Expanded(0, (1, 10000)),
        [0],
        options={"label_smoothing": 0.1, "reduction": "none"},
        dtypes=_HALF,
    ),
    Entry(
        "one-difference-of-ten",
        "one difference of 300 among ten: its square overflows a half, the mean not",
        [300, *[0] * 9],
        Expanded(0, (10,)),
        losses=("mse",),
    ),
    Entry(
        "gradient-beyond-half",
        "60 000 against -60 000, one of ten: the difference does not fit a half, the"
        " gradient 24 000 does",
        [6e4, *[0] * 9],
        [-6e4, *[0] * 9],
        losses=("mse",),
    ),
    Entry(
        "gradient-beyond-half-upstream-zero",
        "the same difference where an upstream of zero makes the gradient zero",
        [6e4, 1],
        [-6e4, 0],
        upstream=[0, 1],
        options={"reduction": "none"},
        losses=("mse",),
    ),
    Entry(
        "gradient-below-half",
        "2 d/n is too small for the format, but not its product with the upstream",
        ["subnormal", *[0] * 6],
        Expanded(0, (7,)),
        upstream=1024,
        losses=("mse",),
    ),
    Entry(
        "upstream-beyond-half",
        "weight times upstream gradient is 102 400, the gradient is below 5",
        [[0, 10]],
        [1],
        [1, 100],
        upstream=1024,
        options={"reduction": "sum"},
    ),
    Entry(
        "squares-below-half",
        "1024 squares of 2**-26, each below a half's range, sum to 2**-16",
        Expanded(2**-13, (1024,)),
        Expanded(0, (1024,)),
        options={"reduction": "sum"},
        losses=("mse",),
    ),
    Entry(
        "difference-beyond-half",
        "60 000 against -60 000, one of ten: the difference does not fit a half",
        [6e4, *[0] * 9],
        [-6e4, *[0] * 9],
        losses=("mae",),
    ),
    Entry(
        "gradient-100000",
        "2/n is subnormal in a half for n = 100 000, the gradient itself is not",
        Expanded(1000, (100_000,)),
        Expanded(0, (100_000,)),
        losses=("mse",),
        dtypes=_HALF,
    ),
    Entry(
        "elements-257",
        "257 equal differences, whose sum is exact in any order in float32",
        Expanded(1.5, (257,)),
        Expanded(-0.5, (257,)),
        losses=REGRESSION,
    ),
    Entry(
        "elements-2049",
        "2049 differences of one: more than a half can count in steps of one",
        Expanded(1, (2049,)),
        Expanded(0, (2049,)),
        losses=REGRESSION,
    ),
)
