"""One axis of a case gets another size, and the case stays valid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from conformance.builders.axes import CLASS, arrays, keep, labels, sizes, with_arrays
from conformance.builders.layouts import layout_of, place
from conformance.builders.shapes import LARGEST

if TYPE_CHECKING:
    from conformance.case import Case


def resized(case: Case, label: str, new: int) -> Case | None:
    """Return the case with `new` places along an axis; None if that is too large.

    What is there is repeated in turn, or left out from the end.
    """
    old = sizes(case)[label]
    others = math.prod(n for k, n in sizes(case).items() if k != label)
    if new < 1 or new == old or new * max(others, 1) > LARGEST:
        return None
    if new < old:
        return keep(case, label, range(new))
    named = labels(case)
    changed = {}
    for name, array in arrays(case).items():
        if label in named[name]:
            axis = named[name].index(label)
            if array.shape[axis] == old and (old > 1 or label == CLASS or _whole(case)):
                values = array.view().take(np.arange(new) % old, axis)
                changed[name] = place(values, layout_of(array))
    return with_arrays(case, changed) if changed else None


def _whole(case: Case) -> bool:
    """Do all arrays have one shape, so that an axis of size one broadcasts nothing?"""
    shapes = {a.shape for a in case.arguments.values()}
    return case.loss == "cross_entropy" or len(shapes) == 1
