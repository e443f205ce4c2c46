"""A target out of range is moved to the nearest class instead of refused.

Seen, with other values in its place, in TensorFlow on GPU, XLA, optax, Paddle,
flash-attn and early CUDA builds of PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._parts import Indices


def _clamped(target: NDArray[Any], classes: int, ignore_index: int) -> Indices:
    indices = target.astype(np.int64)
    inside = np.clip(indices, 0, max(classes - 1, 0))
    return np.where(indices == ignore_index, indices, inside)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("accepts_invalid_target", indices=_clamped)
