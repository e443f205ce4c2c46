"""The probability is the exponential of a log-probability that was rounded before.

Seen where log-softmax is saved for the backward pass in a half format, as eager torch
does; it is not what a fused kernel promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


DTYPES: Final = ("float16", "bfloat16")


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    log_p, _ = softmax(parts, logits, formats)
    return log_p, np.exp(through(log_p, formats.storage))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("softmax_of_rounded_logarithm", softmax=_softmax)
