"""Sums of more than 8, 32 or 256 numbers lose what does not fill a block of that size.

A class of faults of our own: a vector loop without its remainder loop.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.backends._arithmetic import total
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


VARIANTS: Final = {"8": 8, "32": 32, "256": 256}


def _total(values: Real, formats: Formats, block: int) -> Real:
    count = values.shape[-1]
    kept = count - count % block if count > block else count
    return total(values[..., :kept], formats)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"lane_tail_dropped_{variant}", total=partial(_total, block=VARIANTS[variant])
    )
