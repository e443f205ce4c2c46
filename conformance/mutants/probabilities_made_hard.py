"""Class probabilities are replaced by their largest class.

A class of faults of our own: an argmax that serves both kinds of target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    if not rows.size:
        return probability_mass(parts, buffers, options, formats)
    largest = rows.argmax(axis=-1)[:, np.newaxis] == np.arange(rows.shape[-1])
    target = from_rows(largest.astype(formats.compute), logits.shape)
    changed = {**buffers, "target": target}
    return probability_mass(parts, changed, options, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("probabilities_made_hard", probability_mass=_mass)
