"""A negative target counts from the last class, as an index of Python does.

Seen in the reference implementation of ONNX and in pytorch/xla.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backends._validation import checked_indices
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._parts import Indices


def _wrapped(target: NDArray[Any], classes: int, ignore_index: int) -> Indices:
    indices = target.astype(np.int64)
    below = (indices < 0) & (indices != ignore_index)
    return checked_indices(
        np.where(below, indices % max(classes, 1), indices), classes, ignore_index
    )


def create() -> Backend:
    """Return the mutant."""
    return with_parts("negative_target_wraps", indices=_wrapped)
