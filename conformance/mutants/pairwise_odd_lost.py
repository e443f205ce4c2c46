"""Pairwise summation drops the odd element of each level, from 9 elements on.

A class of faults of our own; powers of two, the usual sizes of tests, hide it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.backends._arithmetic import total
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


_SHORT: Final = 8


def _total(values: Real, formats: Formats) -> Real:
    sums = values
    while sums.shape[-1] > _SHORT:
        even = sums.shape[-1] // 2 * 2
        sums = sums[..., 0:even:2] + sums[..., 1:even:2]
    return total(sums, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("pairwise_odd_lost", total=_total)
