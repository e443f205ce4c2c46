"""A row of class probabilities is scaled by Σ w t, not class by class.

Seen in Paddle, where it is meant; the same only for one-hot rows.
"""

from __future__ import annotations

from dataclasses import replace
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
    mass = probability_mass(parts, buffers, options, formats)
    rest = {name: b for name, b in buffers.items() if name != "weight"}
    plain = probability_mass(parts, rest, options, formats)
    row = mass.effective.sum(axis=-1, keepdims=True, dtype=formats.compute)
    return replace(mass, effective=plain.effective * row)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("weights_of_whole_row", probability_mass=_mass)
