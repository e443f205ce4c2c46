"""The maximum that softmax subtracts starts at −64, not at −∞.

Seen in Paddle on CUDA: a row of logits far below −64 underflows as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _clamped(logits: Real) -> Real:
    return np.asarray(logits.max(axis=-1, keepdims=True, initial=-64.0))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("minimum_shift", shift=_clamped)
