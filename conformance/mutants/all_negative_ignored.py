"""Any negative target is ignored, whatever `ignore_index` is.

Seen in Paddle, whose documentation and code disagreed about it, and in Keras on torch.
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
    indices = target.astype(np.int64)
    return checked_indices(
        np.where(indices < 0, ignore_index, indices), classes, ignore_index
    )


def create() -> Backend:
    """Return the mutant."""
    return with_parts("all_negative_ignored", indices=_indices)
