"""`mean` of class probabilities divides by their sum, or by their weighted sum.

Seen in Paddle and in a draft of torch, PR#61044.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import probability_mass
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.mutants._make import Buffers


VARIANTS: Final = {"mass": False, "weighted_mass": True}


def _mass(
    parts: Parts,
    buffers: Buffers,
    options: Options,
    formats: Formats,
    *,
    weighted: bool,
) -> Mass:
    mass = probability_mass(parts, buffers, options, formats)
    ones = {name: b for name, b in buffers.items() if name != "weight"}
    plain = probability_mass(parts, ones, options, formats)
    shares = (mass if weighted else plain).effective
    return replace(mass, divisor=np.sum(shares, dtype=formats.compute))


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"probability_denominator_{variant}",
        probability_mass=partial(_mass, weighted=VARIANTS[variant]),
    )
