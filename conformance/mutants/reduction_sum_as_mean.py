"""`sum` divides as `mean` does.

A relative of MXNet's and fetchai's normalisation, which did not follow the option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _always(reduction: str, mean: Real) -> Real:
    return np.ones_like(mean) if reduction == "none" else mean


def create() -> Backend:
    """Return the mutant."""
    return with_parts("reduction_sum_as_mean", divisor=_always)
