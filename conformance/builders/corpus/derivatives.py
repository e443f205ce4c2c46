"""Directions along which second derivatives and forward mode are asked for."""

from __future__ import annotations

import math
from typing import Final

from conformance.builders.corpus.entry import REGRESSION, Entry

_NONE: Final = {"reduction": "none"}
_SUM: Final = {"reduction": "sum"}

ENTRIES: Final = (
    Entry(
        "along-equal-logits",
        "equal logits: H is (diag p − p pᵀ), so H v is ±1/2, and a Hessian of 0 shows",
        [[0.25, 0.25]],
        [0],
        tangent=[[1, -1]],
    ),
    Entry(
        "along-off-diagonal",
        "a direction of one class: what the others get is off the diagonal",
        [[1, 0, -1], [0.5, 2, 0]],
        [2, 0],
        options=_SUM,
        tangent=[[1, 0, 0], [0, 0, -3]],
    ),
    Entry(
        "along-wide-gap",
        "a class far behind: p (v − Σ p v) is small, of both signs, and not 0",
        [[0, -9, 0], [6, 0, -6]],
        [0, 1],
        options=_NONE,
        tangent=[[1, 5, -1], [2, 1, -1]],
    ),
    Entry(
        "along-constant",
        "a constant direction leads nowhere: H 1 = 0, and J 1 = 0",
        [[1, 2, 4], [0, 0, 3]],
        [1, 2],
        tangent=[[3, 3, 3], [-5, -5, -5]],
    ),
    Entry(
        "along-weights",
        "weights and their sum enter both",
        [[1, 0, -1], [0.5, 2, 0], [1, 1, 3]],
        [2, 0, 1],
        weight=[0.5, 3, 7],
        tangent=[[1, -2, 3], [0, 4, 1], [2, 2, -1]],
    ),
    Entry(
        "along-smoothing-weights-ignored",
        "smoothing, weights and an ignored row at once",
        [[1, 0, -1], [0.5, 2, 0], [1, 1, 3]],
        [2, -100, 1],
        weight=[0.5, 3, 7],
        options={"label_smoothing": 0.1},
        tangent=[[1, -2, 3], [8, 4, 1], [2, 2, -1]],
    ),
    Entry(
        "along-probabilities",
        "probabilities that do not sum to 1: their sum scales H v",
        [[1, 0, -1], [0.5, 2, 0]],
        [[0.5, 0.25, 1], [2, 0, 0.5]],
        options=_SUM,
        tangent=[[1, -2, 3], [0, 4, 1]],
    ),
    Entry(
        "along-ignored",
        "an ignored row has no part in either, and is not counted",
        [[1, 0], [3, -1], [0, 2]],
        [1, 0, 0],
        options={"ignore_index": 1},
        tangent=[[5, -7], [1, -1], [2, 3]],
    ),
    Entry(
        "along-k-dim-upstream",
        "(N, C, d) with N = C = d, and a cotangent of its own for each position",
        [[[1, 0], [2, -1]], [[0.5, 3], [-2, 1]]],
        [[0, 1], [1, 0]],
        upstream=[[2, -1], [0, 0.5]],
        options=_NONE,
        tangent=[[[1, 2], [-1, 0]], [[3, -2], [1, 4]]],
    ),
    Entry(
        "along-unbatched",
        "one row without a batch axis",
        [2, 0, 1],
        1,
        tangent=[1, -1, 3],
    ),
    Entry(
        "along-masked",
        "a class at −inf has p = 0: nothing of its direction enters, and none is nan",
        [[0, 1, -math.inf], [2, -math.inf, 0]],
        [1, 0],
        tangent=[[1, -1, 9], [3, 7, 1]],
    ),
    *(
        Entry(
            f"along-{reduction}",
            "a direction of both signs, far from and at a difference of 0",
            [[1, -2, 3], [4, 5, -6]],
            [[0.5, 1, 3], [4, -5, 6]],
            upstream=up,
            options={"reduction": reduction},
            losses=REGRESSION,
            tangent=[[3, -1, 2], [1, 4, -2]],
        )
        for reduction, up in (
            ("mean", 2),
            ("sum", None),
            ("none", [[1, -2, 0], [3, 0.5, 4]]),
        )
    ),
    # Next to the case before it, for whoever keeps that answer for the next call.
    Entry(
        "along-none-otherwise",
        "the arguments of along-none and another direction: a kept answer is wrong",
        [[1, -2, 3], [4, 5, -6]],
        [[0.5, 1, 3], [4, -5, 6]],
        upstream=[[1, -2, 0], [3, 0.5, 4]],
        options=_NONE,
        losses=REGRESSION,
        tangent=[[-1, 5, 3], [2, -4, 1]],
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "along-broadcast",
        "a broadcast input: its H v is a sum over its copies",
        [[1], [-2]],
        [3, 0, -1],
        losses=REGRESSION,
        tangent=[[3], [-5]],
    ),
    Entry(
        "along-subnormal",
        "a direction of subnormal numbers, which no one may take for zeros",
        [[1, 0, -1], [0.5, 2, 0]],
        [2, 0],
        options=_NONE,
        tangent=[["subnormal", "-subnormal", 0], [0, 0, "-subnormal"]],
        dtypes=("float32",),
    ),
    Entry(
        "along-subnormal",
        "a direction of subnormal numbers, which no one may take for zeros",
        [1, -2, 3],
        [0.5, 1, 7],
        options=_NONE,
        losses=REGRESSION,
        tangent=["subnormal", "-subnormal", "-subnormal"],
        dtypes=("float32",),
    ),
)
