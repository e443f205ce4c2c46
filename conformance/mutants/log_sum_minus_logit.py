"""log p is x − (max + log Σ exp(x − max)): cancellation grows with the logits.

Seen in early PyTorch, mlx and optax; flash-attn, Liger and unsloth form it so too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def _composed(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    largest = parts.shift(logits)
    exponentials = np.exp(logits - largest)
    summed = parts.total(exponentials, formats)[..., np.newaxis]
    log_sum = largest + parts.log_sum(summed, formats)
    return logits - log_sum, exponentials / summed


def create() -> Backend:
    """Return the mutant."""
    return with_parts("log_sum_minus_logit", softmax=_composed)
