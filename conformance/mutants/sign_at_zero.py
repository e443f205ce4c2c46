"""The gradient of MAE is 1 where input and target are equal.

Seen in JAX, which differentiates |x| so, and in the l1_loss of early PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._regression import mse_slope
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _slope(difference: Real, count: Real) -> Real:
    one = np.ones_like(difference)
    return np.where(difference >= 0, one, -one) / count


def create() -> Backend:
    """Return the mutant."""
    return with_parts("sign_at_zero", slopes={"mae": _slope, "mse": mse_slope})
