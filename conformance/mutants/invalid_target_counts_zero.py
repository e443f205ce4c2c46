"""A target out of range contributes nothing, and counts in the mean.

Seen in Keras on JAX and NumPy, tinygrad and flash-attn, whose one-hot row is empty.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import index_mass
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Indices, Options, Parts
    from conformance.mutants._make import Buffers


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    mass = index_mass(parts, buffers, options, formats)
    target = buffers["target"].reshape(-1).astype(np.int64)
    inside = (target >= 0) & (target < mass.effective.shape[-1])
    return replace(mass, effective=mass.effective * inside[:, np.newaxis])


def _unchecked(target: NDArray[Any], classes: int, ignore_index: int) -> Indices:
    del classes, ignore_index
    return target.astype(np.int64)


def create() -> Backend:
    """Return the mutant."""
    return with_parts(
        "invalid_target_counts_zero", index_mass=_mass, indices=_unchecked
    )
