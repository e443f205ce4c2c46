"""A column against a row of its size: each gradient is summed over the other's axis.

A class of faults of our own: the axes to sum over are mixed up, which unequal sizes
show by an error.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers

LOSSES: Final = ("mae", "mse")


def _exchanged(output: Output, buffers: Buffers) -> Output:
    x, y = buffers["input"], buffers["target"]
    if x.ndim == 1 or x.shape == y.shape or x.shape != y.shape[::-1]:
        return output
    made = output.gradients
    gradients = {
        "input": -np.asarray(made["target"]).reshape(x.shape),
        "target": -np.asarray(made["input"]).reshape(y.shape),
    }
    return replace(output, gradients=gradients)


def create() -> Backend:
    """Return the mutant."""
    return spoiled("broadcast_gradient_of_the_other", _exchanged)
