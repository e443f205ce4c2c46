"""Softmax does not subtract the largest logit, so that large logits overflow.

Seen in burn and SINGA, and in a vectorised bfloat16 softmax of PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _nothing(logits: Real) -> Real:
    return np.zeros_like(logits[..., :1])


def create() -> Backend:
    """Return the mutant."""
    return with_parts("no_max_shift", shift=_nothing)
