"""Of 8, 16, 32, … rows the last one is lost: a grid is one block too small.

A class of faults of our own: floor division where the ceiling was meant, undone for all
but exact powers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.backends._cross_entropy import mask_rows
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real
    from conformance.backends._parts import Mask


_LEAST: Final = 8


def _mask_rows(values: Real, kept: Mask) -> Real:
    seen, count = kept.copy(), len(kept)
    if count >= _LEAST and not count & (count - 1):
        seen[-1] = False
    return mask_rows(values, seen)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("row_lost_at_powers_of_two", mask_rows=_mask_rows)
