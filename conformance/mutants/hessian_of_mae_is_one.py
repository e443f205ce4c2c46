"""The second derivative of MAE is that of a parabola, 1, where it is 0.

XGBoost's objective of absolute errors does so on purpose, to have a step to take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._regression import mse_curvature
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _one(count: Real) -> Real:
    return 1 / count  # The fault.


def create() -> Backend:
    """Return the mutant."""
    both = {"mae": _one, "mse": mse_curvature}
    return with_parts("hessian_of_mae_is_one", curvatures=both)
