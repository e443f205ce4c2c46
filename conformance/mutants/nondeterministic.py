"""Every third call rounds gradients for class indices to the neighbour nearer zero.

Seen wherever sums are made by atomic additions, as in torch's nll_loss2d on CUDA
(#17350, #46024): each result is within its bound, but not the same.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output


_LOW: Final = 0.51
_HIGH: Final = 0.74
_NORMAL: Final = float(np.finfo(np.float32).tiny)


def create() -> Backend:
    """Return the mutant."""
    calls = count()

    def nudge(output: Output, buffers: Mapping[str, NDArray[Any]]) -> Output:
        third = next(calls) % 3 == 0 and buffers["target"].dtype.kind == "i"
        nudged = {k: _next(g) if third else g for k, g in output.gradients.items()}
        return replace(output, gradients=nudged)

    return spoiled("nondeterministic", nudge)


def _next(gradient: NDArray[Any]) -> NDArray[Any]:
    # Only float32: in the half formats the bound may be less than a step.
    if gradient.dtype != np.float32:
        return gradient
    # Nor near a power of two, where a result may be exact and its bound below a step.
    mantissa = np.abs(np.frexp(gradient)[0])
    inexact = (mantissa > _LOW) & (mantissa < _HIGH) & (np.abs(gradient) > _NORMAL)
    moved: NDArray[Any] = np.where(
        inexact, np.nextafter(gradient, np.float32(0)), gradient
    )
    return moved
