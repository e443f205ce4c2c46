"""Softmax subtracts the largest logit of the batch, not of the row.

Another row, even an ignored one, then decides whether a row underflows: results are not
those of the row alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _largest_of_all(logits: Real) -> Real:
    top = logits.max(initial=-np.inf)
    return np.full((*logits.shape[:-1], 1), top, logits.dtype)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("batch_wide_shift", shift=_largest_of_all)
