"""Class probabilities are not smoothed.

A class of faults of our own: the option reaches one of two code paths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._cross_entropy import probability_mass
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.mutants._make import Buffers


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    del options  # The fault.
    return probability_mass(parts, buffers, {}, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_of_indices_only", probability_mass=_mass)
