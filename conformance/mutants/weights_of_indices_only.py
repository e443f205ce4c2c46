"""Class weights have no effect on class probabilities.

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
    rest = {name: b for name, b in buffers.items() if name != "weight"}
    return probability_mass(parts, rest, options, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("weights_of_indices_only", probability_mass=_mass)
