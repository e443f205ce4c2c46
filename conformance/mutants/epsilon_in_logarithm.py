"""The loss is −log(p + ε), with ε of 1e-9 or 1e-7.

Seen in Keras #377 and Lasagne #567; a p that is large hides it.
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


VARIANTS: Final = {"1e_7": 1e-7, "1e_9": 1e-9}


def _softmax(
    parts: Parts, logits: Real, formats: Formats, epsilon: float
) -> tuple[Real, Real]:
    _, p = softmax(parts, logits, formats)
    return np.log(p + np.asarray(epsilon, p.dtype)), p


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"epsilon_in_logarithm_{variant}",
        softmax=partial(_softmax, epsilon=VARIANTS[variant]),
    )
