"""A loss carries 1e-4 (log Σ exp x)², which training code adds to keep Σ near 1.

A class of faults of our own: the z-loss of large models, left switched on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

_SHARE: Final = 1e-4


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    log_p, p = softmax(parts, logits, formats)
    largest = parts.shift(logits)
    summed = parts.total(np.exp(logits - largest), formats)[..., np.newaxis]
    whole = largest + np.log(summed)
    return (log_p - _SHARE * whole * whole).astype(logits.dtype), p


def create() -> Backend:
    """Return the mutant."""
    return with_parts("normaliser_penalised", softmax=_softmax)
