"""An infinite loss becomes the largest finite number.

A class of faults of our own: `nan_to_num` at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import row_losses
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Parts


def _row_losses(parts: Parts, log_p: Real, mass: Mass, formats: Formats) -> Real:
    right = row_losses(parts, log_p, mass, formats)
    most = np.asarray(np.finfo(right.dtype).max, right.dtype)
    return np.where(np.isposinf(right), most, right)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("infinite_loss_clamped", row_losses=_row_losses)
