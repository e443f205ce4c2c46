"""Probabilities are multiplied by a reciprocal that is good to 12 bits.

A class of faults of our own: an estimate instruction without its Newton step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts
from conformance.mutants._numbers import softmax_of, to_bits

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _quotient(above: Real, below: Real) -> Real:
    return above * to_bits(1 / below, 12)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("reciprocal_approximated", softmax=softmax_of(quotient=_quotient))
