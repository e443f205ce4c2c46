"""An absolute difference is the root of its square, which overflows and underflows.

A class of faults of our own: a norm's formula with p = 2 for p = 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._regression import mse_term
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _term(difference: Real) -> Real:
    return np.sqrt(difference * difference)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("absolute_by_root", terms={"mae": _term, "mse": mse_term})
