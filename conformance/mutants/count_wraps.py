"""The number of rows that count is kept in a byte, or in 16 bits.

Seen in pytorch-fcn #9, where a mask of 256 × 256 counted as 0.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import weight_sum
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Mask, Parts


VARIANTS: Final = {"byte": 2**8, "16_bits": 2**16}


def _weight_sum(
    parts: Parts, row_weights: Real, kept: Mask, formats: Formats, modulus: int
) -> Real:
    right = weight_sum(parts, row_weights, kept, formats)
    count = max(int(kept.sum()), 1)
    return right * np.asarray(count % modulus / count, right.dtype)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"count_wraps_{variant}",
        weight_sum=partial(_weight_sum, modulus=VARIANTS[variant]),
    )
