"""The loss is the logarithm of a probability clipped to [1e-7, 1 − 1e-7].

Seen in Keras: no loss exceeds 16.12, and none is zero.
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


def _clipped(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    _, p = softmax(parts, logits, formats)
    return np.log(np.clip(p, 1e-7, 1 - 1e-7)), p


def create() -> Backend:
    """Return the mutant."""
    return with_parts("clipped_probability", softmax=_clipped)
