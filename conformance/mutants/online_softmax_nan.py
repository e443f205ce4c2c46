"""A running softmax meets a first tile of −∞ alone and forms exp(−∞ − (−∞)).

Seen in flash-attn #1930, with tiles of 16384 classes; here they have 1024.
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


_TILE: Final = 1024


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    log_p, p = softmax(parts, logits, formats)
    first = logits[..., :_TILE]
    lost = (first == -np.inf).all(axis=-1, keepdims=True)
    lost &= logits.shape[-1] > _TILE
    nan = np.asarray(np.nan, logits.dtype)
    return np.where(lost, nan, log_p), np.where(lost, nan, p)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("online_softmax_nan", softmax=_softmax)
