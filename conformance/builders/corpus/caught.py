"""Cases that a mutant asked for: without them its mechanism would go unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders.corpus.entry import Entry, Expanded, NamedCase
from conformance.case import Array

if TYPE_CHECKING:
    from collections.abc import Callable

_GARBAGE: Final = 30_000
"""In every format; no class, and larger than any logit that is written here."""

_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3], [-1, -0.5, 2]]
_NONE: Final = {"reduction": "none"}
_SINGLE: Final = ("float32",)


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


def _bytes(name: str, array: Array) -> Array:
    return Array.of(array.view(), "uint8") if name == "target" else array


def _followed(_name: str, array: Array) -> Array:
    garbage = np.full(3, _GARBAGE).astype(array.base.dtype)
    base = np.concatenate([array.base, garbage])
    return Array(base, array.shape, array.strides, array.offset)


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
        "targets-of-bytes",
        "class indices of an unsigned byte",
        _ROWS,
        [2, 0, 1],
        edit=_bytes,
    ),
    Edited(
        "targets-of-bytes-ignored",
        "255 in an unsigned byte, ignored",
        _ROWS,
        [2, 255, 1],
        options={"ignore_index": 255, "reduction": "none"},
        edit=_bytes,
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
    Entry(
        "elements-33000",
        "more logits than 15 bits can count, and the last row unlike the first",
        [[0] * 1000] * 32 + [[0] * 999 + [5]],
        [*range(32), 999],
        options=_NONE,
        dtypes=_SINGLE,
    ),
)
