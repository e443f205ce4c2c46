"""A logit of +inf becomes the largest finite number.

A class of faults of our own: logits are made finite first, and beside a loss of its
format's largest number the infinite one is no longer told.
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
    # Half of it, so that no difference of two logits is infinite again.
    most = np.asarray(np.finfo(logits.dtype).max / 2, logits.dtype)
    return softmax(parts, np.where(np.isposinf(logits), most, logits), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("plus_infinity_clamped", softmax=_softmax)
