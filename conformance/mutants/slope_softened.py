"""MAE's derivative is d / 1e-3 near zero, as that of a smooth loss.

A class of faults of our own: `smooth_l1_loss` in the place of `l1_loss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._regression import mae_slope, mse_slope
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


_NEAR: Final = 1e-3


def _slope(difference: Real, count: Real) -> Real:
    near = np.asarray(_NEAR, difference.dtype)
    soft = difference / near / count
    return np.where(np.abs(difference) < near, soft, mae_slope(difference, count))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("slope_softened", slopes={"mae": _slope, "mse": mse_slope})
