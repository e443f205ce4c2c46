"""A mean whose denominator is zero is zero.

Seen in MPS #134431, whose division was `divisionNoNaN`, and in Keras, Chainer and
TransformerEngine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._arithmetic import divisor
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _divisor(reduction: str, mean: Real) -> Real:
    infinite = np.asarray(np.inf, mean.dtype)
    return np.where(mean == 0, infinite, divisor(reduction, mean))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("nothing_has_mean_zero", divisor=_divisor)
