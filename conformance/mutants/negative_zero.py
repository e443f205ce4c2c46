"""Terms of MAE and MSE that are zero are −0.

Written as `where(d > 0, d, −d)`, |d| keeps the sign that 0 gets from the second branch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _absolute(difference: Real) -> Real:
    return np.where(difference > 0, difference, -difference)


def _square(difference: Real) -> Real:
    return np.where(difference == 0, -np.zeros_like(difference), difference**2)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("negative_zero", terms={"mae": _absolute, "mse": _square})
