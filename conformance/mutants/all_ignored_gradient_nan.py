"""With every row ignored the gradient is nan, not zero.

Seen in torch's chunked linear_cross_entropy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import mask_rows
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real
    from conformance.backends._parts import Mask


def _mask_rows(values: Real, kept: Mask) -> Real:
    masked = mask_rows(values, kept)
    lost = values.ndim > 1 and not kept.any()
    return np.full_like(masked, np.nan) if lost else masked


def create() -> Backend:
    """Return the mutant."""
    return with_parts("all_ignored_gradient_nan", mask_rows=_mask_rows)
