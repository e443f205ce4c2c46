"""`mean` divides by at least one.

Seen in Chainer and Transformer Engine: the cure for a batch of ignored rows also
changes every batch whose weights add up to less than one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import weight_sum
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Mask, Parts


def _at_least_one(
    parts: Parts, row_weights: Real, kept: Mask, formats: Formats
) -> Real:
    return np.maximum(weight_sum(parts, row_weights, kept, formats), 1)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("clamped_denominator", weight_sum=_at_least_one)
