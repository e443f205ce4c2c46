"""The class of index 255 is missing in the sum of exponentials.

A class of faults of our own: a mask of a byte that is compared with < 255.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


_LOST: Final = 255


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    shifted = logits - parts.shift(logits)
    exponentials = np.exp(shifted)
    seen = np.arange(logits.shape[-1]) != _LOST
    summed = parts.total(np.where(seen, exponentials, 0 * exponentials), formats)
    return shifted - np.log(summed)[..., np.newaxis], exponentials / summed[..., None]


def create() -> Backend:
    """Return the mutant."""
    return with_parts("class_256_lost", softmax=_softmax)
