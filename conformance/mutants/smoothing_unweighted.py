"""The uniform part of a smoothed target carries the target's weight for every class.

Seen in Liger #420.
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
    share = np.asarray(
        parts.spread(options.get("label_smoothing", 0.0), weight.size)[1], weight.dtype
    )
    target = mass.effective - share * weight
    own = np.abs(target).argmax(axis=-1)[:, np.newaxis] if weight.size else 0
    return replace(mass, effective=target + share * weight[own])


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_unweighted", index_mass=_mass)
