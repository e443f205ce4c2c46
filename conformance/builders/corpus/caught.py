"""Cases that a mutant asked for: without them its mechanism would go unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders.corpus.entry import (
    REGRESSION,
    Entry,
    Expanded,
    Laid,
    NamedCase,
)
from conformance.builders.layouts import Layout
from conformance.case import Array

if TYPE_CHECKING:
    from collections.abc import Callable

_GARBAGE: Final = 30_000
"""In every format; no class, and larger than any logit that is written here."""

_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3], [-1, -0.5, 2]]
_LABELS: Final = [2, 0, 1]
_APART: Final = [1, -2.5, 4]
_NONE: Final = {"reduction": "none"}
_SINGLE: Final = ("float32",)
_OVERLAPPING: Final = (33, 1000)


@dataclass(frozen=True)
class Edited(Entry):
    """An entry whose arrays are changed in a way that values cannot express.

    Attributes:
        edit: Name of an argument, its array → the array in its place.
    """

    edit: Callable[[str, Array], Array] = lambda _name, array: array

    def named(self, loss: str, dtype: str) -> NamedCase:
        """Return the case for `loss` in `dtype`."""
        made = super().named(loss, dtype)
        changed = {n: self.edit(n, a) for n, a in made.case.arguments.items()}
        return replace(made, case=replace(made.case, arguments=changed))


def _followed(_name: str, array: Array) -> Array:
    garbage = np.full(3, _GARBAGE).astype(array.base.dtype)
    base = np.concatenate([array.base, garbage])
    return Array(base, array.shape, array.strides, array.offset)


def _overlapping(name: str, array: Array) -> Array:
    # Each row begins one element later than the one before it, in a small buffer.
    return Array(array.base, _OVERLAPPING, (1, 1)) if name == "input" else array


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
    Edited(
        "garbage-behind",
        "memory that goes on behind logits, target and weight",
        _ROWS,
        [2, 0, 1],
        [2, 0.5, 3],
        edit=_followed,
    ),
    Entry(
        "rows-65537",
        "one row more than 16 bits can count",
        Expanded(0, (65_537, 2)),
        Expanded(0, (65_537,)),
        dtypes=_SINGLE,
    ),
    Edited(
        "elements-33000",
        "more logits than 15 bits can count, and the last row unlike the first",
        [0] * 1031 + [5],
        [*range(32), 999],
        options=_NONE,
        dtypes=_SINGLE,
        edit=_overlapping,
    ),
    Entry(
        "weight-sum-negative",
        "the weights of the targets sum to less than zero",
        _ROWS,
        [0, 1, 0],
        [1, -5, 2],
    ),
    Entry(
        "ignored-minus-2",
        "−2 is ignored, and class 2 is not",
        _ROWS,
        [2, -2, 1],
        options={"ignore_index": -2},
    ),
    Entry(
        "ignored-a-class-smoothing",
        "the ignored class keeps its share of the smoothing in other rows",
        _ROWS,
        _LABELS,
        options={"ignore_index": 0, "label_smoothing": 0.1},
    ),
    Entry(
        "ignored-unequal-samples",
        "one sample has one position that counts, the other two",
        [[[1, 2], [3, -5]], [[7, 0.5], [1.5, 1]]],
        [[0, 1], [-100, 1]],
    ),
    Entry(
        "smoothing-three-positions",
        "two classes at three positions: ε is spread over classes",
        [[[1, 2, -1], [3, -5, 0.5]]],
        [[0, 1, 0]],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "offset-of-weight-and-upstream",
        "weights and cotangent are slices that start within their memory",
        _ROWS,
        _LABELS,
        Laid([2, 0.5, 3], Layout(offset=2)),
        Laid([3, -1, 0.5], Layout(offset=2)),
        options=_NONE,
    ),
    Entry(
        "offset-of-target-and-upstream",
        "target and cotangent are slices that start within their memory",
        [1, 2, 3],
        Laid(_APART, Layout(offset=2)),
        upstream=Laid([3, -1, 0.5], Layout(offset=2)),
        options=_NONE,
        losses=REGRESSION,
    ),
    *(
        Entry(
            "upstream-every-second",
            "a cotangent that is a slice of step 2",
            given,
            target,
            upstream=Laid([3, -1, 0.5], Layout(step=2)),
            options=_NONE,
            losses=losses,
        )
        for given, target, losses in (
            (_ROWS, _LABELS, ("cross_entropy",)),
            ([1, 2, 3], _APART, REGRESSION),
        )
    ),
    Entry(
        "upstream-tenth",
        "a cotangent that has more digits than a half format",
        [1, 2, 3],
        _APART,
        upstream=0.1,
        losses=REGRESSION,
    ),
    Entry(
        "binades",
        "a difference in every binade that all formats share",
        [1.5 * 2.0**e for e in range(-14, 16)],
        [0] * 30,
        options=_NONE,
        losses=REGRESSION,
    ),
    Entry(
        "binades-beyond-half",
        "a difference in every binade that float16 has not",
        [1.5 * 2.0**e for e in range(-120, 121)],
        [0] * 241,
        options=_NONE,
        losses=("mae",),
        dtypes=("bfloat16", "float32", "float64"),
    ),
)
