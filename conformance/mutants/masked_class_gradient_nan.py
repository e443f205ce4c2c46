"""A logit of −∞ has a gradient of nan: its probability is formed as 0 · ∞.

Seen in optax #1762.
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
    log_p, p = softmax(parts, logits, formats)
    nan = np.asarray(np.nan, p.dtype)
    return log_p, np.where(logits == -np.inf, nan, p)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("masked_class_gradient_nan", softmax=_softmax)
