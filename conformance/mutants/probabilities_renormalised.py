"""Class probabilities are divided by their sum first.

Seen in Keras and scikit-learn #24515, which renormalise predictions so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._arithmetic import widen
from conformance.backends._cross_entropy import probability_mass
from conformance.backends._softmax import as_rows, from_rows
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.mutants._make import Buffers


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    logits = buffers["input"]
    rows = as_rows(widen(buffers["target"], formats))
    summed = rows.sum(axis=-1, keepdims=True, dtype=formats.compute)
    target = from_rows(rows / summed, logits.shape)
    changed = {**buffers, "target": target}
    return probability_mass(parts, changed, options, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("probabilities_renormalised", probability_mass=_mass)
