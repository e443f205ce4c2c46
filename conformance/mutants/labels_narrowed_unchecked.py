"""A target is cast to 32 bits before it is checked: 2**32 is class 0.

A class of faults of our own: kernels that take 32-bit labels, behind a front end that
takes them of 64 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._validation import checked_indices
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._parts import Indices


def _indices(target: NDArray[Any], classes: int, ignore_index: int) -> Indices:
    ignored = target == ignore_index
    if target.dtype == np.int64:
        target = np.where(ignored, target, target.astype(np.int32))
    return checked_indices(target, classes, ignore_index)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("labels_narrowed_unchecked", indices=_indices)
