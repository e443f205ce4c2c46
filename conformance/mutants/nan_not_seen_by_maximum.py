"""A logit that is nan is skipped, in the maximum and in the sum.

A class of faults of our own: maxNum of IEEE 754-2008, and a masked sum.
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
    least = np.asarray(-np.inf, logits.dtype)
    return softmax(parts, np.where(np.isnan(logits), least, logits), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("nan_not_seen_by_maximum", softmax=_softmax)
