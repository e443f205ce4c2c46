"""∞ − ∞ counts as no difference.

A class of faults of our own: a shortcut for equal elements, which also takes nan for
equal to itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._regression import mae_term, mse_term
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _zero(difference: Real) -> Real:
    return np.where(np.isnan(difference), np.zeros_like(difference), difference)


def create() -> Backend:
    """Return the mutant."""
    return with_parts(
        "infinite_difference_zero",
        terms={
            "mae": lambda d: mae_term(_zero(d)),
            "mse": lambda d: mse_term(_zero(d)),
        },
    )
