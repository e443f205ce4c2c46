"""Elements of the gradient are kept within [−1, 1].

A class of faults of our own: an optimiser's habit inside the loss.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _clipped(output: Output, buffers: Buffers) -> Output:
    del buffers
    made = {n: np.clip(g, -1, 1).astype(g.dtype) for n, g in output.gradients.items()}
    return replace(output, gradients=made)


def create() -> Backend:
    """Return the mutant."""
    return spoiled("gradient_clipped", _clipped)
