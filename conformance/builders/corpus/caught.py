"""Cases that a mutant asked for: without them its mechanism would go unseen."""

from __future__ import annotations

from typing import Final

from conformance.builders.corpus.entry import Bytes, Entry, Expanded, Laid
from conformance.builders.layouts import Layout

_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3], [-1, -0.5, 2]]
_NONE: Final = {"reduction": "none"}
_SINGLE: Final = ("float32",)

ENTRIES: Final = (
    Entry(
        "label-2049",
        "class 2049 is no number of float16: the classes beside it are 3 and 6 away",
        [[0] * 2049 + [3, -3]],
        [2049],
        options=_NONE,
    ),
    Entry(
        "ignored-2-to-32",
        "an ignored index of 2**32, whose lower half is class 0",
        _ROWS,
        [2, 2**32, 0],
        options={"ignore_index": 2**32},
    ),
    Entry(
        "targets-of-bytes",
        "class indices of an unsigned byte",
        _ROWS,
        Bytes([2, 0, 1]),
    ),
    Entry(
        "targets-of-bytes-ignored",
        "255 in an unsigned byte, ignored",
        _ROWS,
        Bytes([2, 255, 1]),
        options={"ignore_index": 255, "reduction": "none"},
    ),
    Entry(
        "garbage-behind",
        "memory that goes on behind logits, target and weight",
        Laid(_ROWS, Layout(behind=3)),
        Laid([2, 0, 1], Layout(behind=3)),
        Laid([2, 0.5, 3], Layout(behind=3)),
    ),
    Entry(
        "rows-65537",
        "one row more than 16 bits can count",
        Expanded(0, (65_537, 2)),
        Expanded(0, (65_537,)),
        dtypes=_SINGLE,
    ),
    Entry(
        "elements-33000",
        "more logits than 15 bits can count, and the last row unlike the first",
        [[0] * 1000] * 32 + [[0] * 999 + [5]],
        [*range(32), 999],
        options=_NONE,
        dtypes=_SINGLE,
    ),
)
