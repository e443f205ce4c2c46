"""float64 is computed in float32.

Seen in PyTorch on CUDA, whose float64 nll_loss lost precision in the forward pass.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._arithmetic import formats_of
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats


def _narrow(dtype: str) -> Formats:
    return replace(formats_of(dtype), compute=np.dtype(np.float32))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("float64_through_float32", formats=_narrow)
