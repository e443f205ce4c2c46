"""The running maximum is not reset between rows: a row is shifted by an earlier one's.

A class of faults of our own: an accumulator that lives outside the loop over rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._softmax import shift
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _shift(logits: Real) -> Real:
    largest = shift(logits)
    if not largest.size:
        return largest
    kept: Real = np.maximum.accumulate(largest.reshape(-1)).reshape(largest.shape)
    return kept


def create() -> Backend:
    """Return the mutant."""
    return with_parts("maximum_kept_between_rows", shift=_shift)
