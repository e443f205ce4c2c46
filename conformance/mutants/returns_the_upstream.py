"""Where the gradient equals the upstream gradient, the caller's own array is returned.

A class of faults of our own: a shortcut that saves a copy. The numbers are right until
the caller uses the memory for something else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _shared(output: Output, buffers: Buffers) -> Output:
    upstream = buffers.get("upstream")
    if upstream is None:
        return output

    def chosen(gradient: NDArray[Any]) -> NDArray[Any]:
        same = gradient.shape == upstream.shape and np.array_equal(gradient, upstream)
        return upstream if same else gradient

    gradients = {name: chosen(g) for name, g in output.gradients.items()}
    return replace(output, gradients=gradients)


def create() -> Backend:
    """Return the mutant."""
    return spoiled("returns_the_upstream", _shared)
