"""exp(x − m) is 2 to the power of x·log2 e − m·log2 e, two products rounded apart.

Seen as a rewriting pass in pytorch #100775, #163932 and #161150.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    factor = np.asarray(np.log2(np.e), logits.dtype)
    shifted = logits * factor - parts.shift(logits) * factor
    exponentials = np.exp2(shifted)
    summed = parts.total(exponentials, formats)[..., np.newaxis]
    log_p = (shifted - np.log2(summed)) / factor
    return log_p, exponentials / summed


def create() -> Backend:
    """Return the mutant."""
    return with_parts("scaled_before_shift", softmax=_softmax)
