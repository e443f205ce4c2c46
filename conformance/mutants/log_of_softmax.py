"""The loss is the logarithm of a probability that may have underflowed to zero.

Seen in the reference operator of ONNX and in Megatron's label smoothing.
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


def _composed(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    _, p = softmax(parts, logits, formats)
    return np.log(p), p


def create() -> Backend:
    """Return the mutant."""
    return with_parts("log_of_softmax", softmax=_composed)
