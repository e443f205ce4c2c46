"""Softmax subtracts the largest logit of the whole batch, not of the row.

A class of faults of our own: a reduction over one axis too many, after which rows far
below the largest underflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._softmax import shift
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _shared(logits: Real) -> Real:
    return np.full_like(shift(logits), logits.max(initial=-np.inf))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("shift_shared_by_rows", shift=_shared)
