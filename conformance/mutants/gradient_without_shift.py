"""The gradient's softmax does not subtract the largest logit; that of the value does.

A class of faults of our own: a backward kernel that was not mended with the forward.
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
    log_p, _ = softmax(parts, logits, formats)
    exponentials = np.exp(logits)
    return log_p, exponentials / parts.total(exponentials, formats)[..., np.newaxis]


def create() -> Backend:
    """Return the mutant."""
    return with_parts("gradient_without_shift", softmax=_softmax)
