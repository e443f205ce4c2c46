"""Cross-entropy: gaps, offsets and the ends of the formats."""

from __future__ import annotations

from typing import Final

from conformance.builders.corpus.entry import Entry

_NONE: Final = {"reduction": "none"}

ENTRIES: Final = (
    *(
        Entry(
            f"gap-{gap}",
            f"a target {gap} ahead: the loss is small, and lost if log Σ is rounded",
            [[0, -gap]],
            [0],
        )
        for gap in (6, 9, 17, 40, 104)
    ),
    Entry(
        "gap-6-inner-class-axis",
        "the logits of gap-6 with the classes not last, which another kernel computes",
        [[[0], [-6]]],
        [[0]],
    ),
    Entry(
        "gap-fraction", "a gap found by search, of error 90 %", [[7.57421875, 0]], [0]
    ),
    Entry(
        "gap-gradient", "p − 1 from a rounded p is zero", [[9, 0]], [0], upstream=1024
    ),
    *(
        Entry(
            f"behind-{gap}",
            f"a target {gap} behind: the probability underflows, the loss is the gap",
            [[0, gap]],
            [0],
            options=_NONE,
        )
        for gap in (30, 104, 200, 890)
    ),
    Entry(
        "behind-200-smoothing",
        "a target far behind, with smoothing",
        [[0, 200]],
        [0],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "gap-200-none",
        "a loss of zero after rounding, of which no sign is negative",
        [[200, 0]],
        [0],
        options=_NONE,
    ),
    Entry("below-minus-168", "all logits far below zero", [[-300, -302]], [0]),
    Entry(
        "large-logits",
        "logits of 10 000 need the largest subtracted",
        [[1e4, 1e4, 9992]],
        [2],
    ),
    *(
        Entry(
            f"offset-{name}",
            f"two equal logits at {name}: log 2 at any offset",
            [[offset, offset]],
            [0],
        )
        for name, offset in (
            ("1e4", 1e4),
            ("1e8", 1e8),
            ("minus-1e8", -1e8),
        )
    ),
    Entry(
        "offset-1e30",
        "two equal logits at 1e30, beyond the range of a half",
        [[1e30, 1e30]],
        [0],
        dtypes=("bfloat16", "float32", "float64"),
    ),
    Entry(
        "offset-2048-gap",
        "a gap of 16, on the grid of every format, at an offset of 2048",
        [[2048, 2032, 2064]],
        [1],
    ),
    Entry(
        "gap-largest",
        "a gap beyond the format",
        [["largest", "-largest"]],
        [0],
        options=_NONE,
    ),
    Entry(
        "behind-largest",
        "a loss beyond the format",
        [["largest", "-largest"]],
        [1],
        options=_NONE,
    ),
    Entry(
        "subnormal-logits",
        "logits below the normal range",
        [["tiny", "-subnormal", 0]],
        [1],
    ),
    Entry(
        "signed-zero-logits", "zeros of both signs are equal logits", [[0.0, -0.0]], [1]
    ),
    Entry(
        "weight-subnormal", "weights below the normal range", [[1, 2]], [0], ["tiny", 1]
    ),
    Entry("weight-ratio", "weights far apart", [[1, 2], [0, 3]], [0, 1], [1e-6, 1e6]),
    *(
        Entry(
            f"gap-2-at-{name}",
            f"a gap of 2 at {at}, where exp neither overflows nor underflows: log Σ exp"
            " x loses its digits all the same",
            [[at, at - 2]],
            [0],
            dtypes=("float32", "float64"),
        )
        for name, at in (("40", 40), ("minus-40", -40))
    ),
)
