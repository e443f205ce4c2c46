"""Sums are taken in an order drawn anew at each call.

Seen as atomic additions in pytorch #17350, #46024 and #68698: every result is within
its bound, and no two need be equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import total
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


DTYPES: Final = ("float32", "float64")


def create() -> Backend:
    """Return the mutant."""
    # Of its own, so that a new mutant does the same whatever ran before it.
    generator = np.random.default_rng(1)

    def shuffled(values: Real, formats: Formats) -> Real:
        return total(generator.permutation(values, axis=-1), formats)

    return with_parts("order_at_random", total=shuffled)
