"""MAE's derivative is −1 at nan.

Seen in JAX, whose select of a comparison takes the other branch there; torch has 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._regression import mae_slope, mse_slope
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _slope(difference: Real, count: Real) -> Real:
    right = mae_slope(difference, count)
    return np.where(np.isnan(difference), -1 / count, right)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("slope_at_nan", slopes={"mae": _slope, "mse": mse_slope})
