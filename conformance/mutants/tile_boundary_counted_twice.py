"""Of more than 1024 classes, the first of the second tile is added twice.

A class of faults of our own: tiles that overlap by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


_TILE: Final = 1024


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    shifted = logits - parts.shift(logits)
    exponentials = np.exp(shifted)
    again = exponentials[..., _TILE : _TILE + 1]
    both = np.concatenate([exponentials, again], axis=-1)
    summed = parts.total(both, formats)[..., np.newaxis]
    return shifted - np.log(summed), exponentials / summed


def create() -> Backend:
    """Return the mutant."""
    return with_parts("tile_boundary_counted_twice", softmax=_softmax)
