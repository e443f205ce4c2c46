"""The last row of a batch has no loss: a loop ends one step early.

Seen with 32-bit indices, where rows beyond 2^31 elements were skipped or wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._cross_entropy import mask_rows
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real
    from conformance.backends._parts import Mask


def _but_the_last(values: Real, kept: Mask) -> Real:
    seen = kept.copy()
    seen[1:][-1:] = False
    return mask_rows(values, seen)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("last_row_dropped", mask_rows=_but_the_last)
