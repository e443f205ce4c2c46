"""`mean` divides by the number of rows that count, not by their summed weights.

Seen in mlx and Chainer, and a common reading of what a weighted mean is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Mask, Parts


def _row_count(parts: Parts, row_weights: Real, kept: Mask, formats: Formats) -> Real:
    return parts.total(np.where(kept, 1 + 0 * row_weights, 0 * row_weights), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("wrong_denominator", weight_sum=_row_count)
