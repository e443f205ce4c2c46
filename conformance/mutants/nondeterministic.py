"""Every second call rounds the gradient of cross-entropy to the other neighbour.

Seen wherever sums are made by atomic additions, as in torch's nll_loss2d on CUDA
(#17350, #46024): each result is within its bound, but not the same.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backend import Output
from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend


def create() -> Backend:
    """Return the mutant."""
    calls = count()

    def nudge(output: Output, buffers: Mapping[str, NDArray[Any]]) -> Output:
        del buffers
        odd = next(calls) % 2
        nudged = {k: _next(g) if odd else g for k, g in output.gradients.items()}
        return Output(output.value, nudged)

    return spoiled("nondeterministic", nudge)


def _next(gradient: NDArray[Any]) -> NDArray[Any]:
    # Only float32: in the half formats the bound may be less than a step.
    if gradient.dtype != np.float32:
        return gradient
    normal = np.abs(gradient) > np.finfo(np.float32).tiny
    moved: NDArray[Any] = np.where(
        normal, np.nextafter(gradient, np.float32(0)), gradient
    )
    return moved
