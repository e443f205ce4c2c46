"""The number of classes in ε/C is that of a block: the next power of two.

A class of faults of our own: a kernel whose block is at least as wide as a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._cross_entropy import spread
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend


def _spread(smoothing: float, classes: int) -> tuple[float, float]:
    return spread(smoothing, 1 << max(classes - 1, 0).bit_length())


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_counts_padded_classes", spread=_spread)
