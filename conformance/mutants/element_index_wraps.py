"""The offset of an element, row times classes plus class, wraps at 2^15.

Seen with 2^31 in pytorch #111484, Paddle #53516 and onnxruntime #32299: late rows hold
the results of early ones.
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


_WRAP: Final = 2**15


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    flat = np.ascontiguousarray(logits).reshape(-1)
    wrapped_around = flat[np.arange(flat.size) % _WRAP].reshape(logits.shape)
    return softmax(parts, wrapped_around, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("element_index_wraps", softmax=_softmax)
