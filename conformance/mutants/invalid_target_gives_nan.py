"""A target out of range makes its row nan.

Seen in TensorFlow on GPU, #8484, #57173 and #126005, and in optax #1185.
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
    bad = (mass.kept & ~inside)[:, np.newaxis]
    nan = np.asarray(np.nan, formats.compute)
    return replace(mass, effective=np.where(bad, nan, mass.effective))


def _unchecked(target: NDArray[Any], classes: int, ignore_index: int) -> Indices:
    del classes, ignore_index
    return target.astype(np.int64)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("invalid_target_gives_nan", index_mass=_mass, indices=_unchecked)
