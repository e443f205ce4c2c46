"""A logit of ∞ is replaced by the largest finite number.

A class of faults of our own, the habit of `nan_to_num`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    most = np.asarray(np.finfo(logits.dtype).max, logits.dtype)
    return softmax(parts, np.where(logits == np.inf, most, logits), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("plus_infinity_clamped", softmax=_softmax)
