"""The uniform part of a smoothed target is added for ignored rows too.

Seen in pytorch #73205, tinygrad #3570 and sockeye #200.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import class_weights, index_mass
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
    share = parts.spread(options.get("label_smoothing", 0.0), weight.size)[1]
    uniform = np.asarray(share, weight.dtype) * weight
    effective = np.where(mass.kept[:, np.newaxis], mass.effective, uniform)
    present = mass.present & (mass.kept[:, np.newaxis] | (share != 0))
    return replace(
        mass, effective=effective, present=present, kept=np.ones_like(mass.kept)
    )


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_over_ignored_rows", index_mass=_mass)
