"""`mean` is the mean over samples of each sample's mean over the rows that count.

Seen in transformers #34191, torchtune #1875 and OpenNMT #2209, where batches of unequal
counts were averaged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import index_mass
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    mass = index_mass(parts, buffers, options, formats)
    if buffers["input"].ndim <= 2 or not mass.kept.any():  # noqa: PLR2004
        return mass
    samples = mass.kept.reshape(buffers["input"].shape[0], -1)
    counts = samples.sum(axis=1, keepdims=True)
    factor = mass.kept.sum() / (np.maximum(counts, 1) * (counts > 0).sum())
    scale = np.broadcast_to(factor, samples.shape).reshape(-1, 1)
    return replace(mass, effective=mass.effective * scale.astype(formats.compute))


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    if case.reduction != "mean":
        return correct.run(case, buffers)
    parts = replace(correct.parts, index_mass=_mass)
    return replace(correct, parts=parts).run(case, buffers)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("mean_of_means", _evaluated)
