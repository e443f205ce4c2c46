"""The weight of a row is gathered by the row's number, not by its target.

A class of faults of our own: one index taken for another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import class_weights, index_mass, weight_sum
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.mutants._make import Buffers


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    mass = index_mass(parts, buffers, options, formats)
    weight = class_weights(buffers.get("weight"), mass.effective.shape[-1], formats)
    if not weight.size:
        return mass
    plain = index_mass(parts, _unweighted(buffers), options, formats)
    rows = weight[np.arange(len(mass.kept)) % weight.size]
    effective = plain.effective * rows[:, np.newaxis]
    mean = weight_sum(parts, rows, mass.kept, formats)
    return replace(mass, effective=effective, divisor=mean)


def _unweighted(buffers: Buffers) -> Buffers:
    return {name: b for name, b in buffers.items() if name != "weight"}


def create() -> Backend:
    """Return the mutant."""
    return with_parts("weights_by_row", index_mass=_mass)
