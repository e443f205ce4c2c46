"""Of more than 8 classes, the last is missing in the sum of exponentials.

A class of faults of our own: a loop that ends one step early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


_LANES: Final = 8


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    shifted = logits - parts.shift(logits)
    exponentials = np.exp(shifted)
    long = logits.shape[-1] > _LANES
    summed = parts.total(exponentials[..., :-1] if long else exponentials, formats)
    return shifted - np.log(summed)[..., np.newaxis], exponentials / summed[..., None]


def create() -> Backend:
    """Return the mutant."""
    return with_parts("last_class_dropped", softmax=_softmax)
