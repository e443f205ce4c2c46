"""Class indices become one-hot rows, whose zeros meet infinite logarithms.

Seen in pytorch/xla #2553, Keras on JAX and tinygrad: 0 · ∞ is nan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import index_mass
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.mutants._make import Buffers


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    mass = index_mass(parts, buffers, options, formats)
    return replace(mass, present=np.ones_like(mass.present))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("one_hot_times_logarithm", index_mass=_mass)
