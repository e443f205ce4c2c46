"""A logit of −∞ is replaced by −10 000.

A class of faults of our own: masks that are made finite against nan.
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


_LEAST: Final = -1e4


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    least = np.asarray(_LEAST, logits.dtype)
    return softmax(parts, np.where(logits == -np.inf, least, logits), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("minus_infinity_clamped", softmax=_softmax)
