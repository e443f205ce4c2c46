"""Classes are padded to a multiple of four with a number that is not −∞.

Seen as a class in vectorised kernels: a masked load gives 0, or a large negative number
that is not below every logit (−10 000, or the lowest of float16).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

VARIANTS: Final = {"zero": 0.0, "large": -1e4, "half": -65_504.0}
_WIDTH: Final = 4


def _softmax(
    parts: Parts, logits: Real, formats: Formats, padding: float
) -> tuple[Real, Real]:
    classes = logits.shape[-1]
    missing = -classes % _WIDTH
    widths = [(0, 0)] * (logits.ndim - 1) + [(0, missing)]
    padded = np.pad(logits, widths, constant_values=padding)
    log_p, p = softmax(parts, padded, formats)
    return log_p[..., :classes], p[..., :classes]


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    wrong = partial(_softmax, padding=VARIANTS[variant])
    return with_parts(f"padding_enters_the_sum_{variant}", softmax=wrong)
