"""Elements of the gradient below 2^-12 are dropped.

Seen in ml-cross-entropy #14, which skips blocks whose probabilities are small.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)
_LEAST: Final = 2.0**-12


def _filtered(output: Output, buffers: Buffers) -> Output:
    del buffers
    gradient = output.gradients["input"]
    small = np.abs(gradient.astype(np.float64)) < _LEAST
    kept = np.where(small, np.zeros_like(gradient), gradient)
    return replace(output, gradients={**output.gradients, "input": kept})


def create() -> Backend:
    """Return the mutant."""
    return spoiled("gradient_filtered", _filtered)
