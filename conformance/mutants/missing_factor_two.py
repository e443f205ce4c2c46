"""The gradient of MSE lacks its factor 2.

The squared error is taken for half of itself, which is what optax calls `l2_loss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._regression import mae_slope
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _slope(difference: Real, count: Real) -> Real:
    return difference / count


def create() -> Backend:
    """Return the mutant."""
    return with_parts("missing_factor_two", slopes={"mae": mae_slope, "mse": _slope})
