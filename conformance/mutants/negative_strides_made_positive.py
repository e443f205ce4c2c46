"""A view that runs backwards through memory is read forwards.

A class of faults of our own: a stride that is taken for a size, without its sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    return correct.run(case, {name: _forwards(b) for name, b in buffers.items()})


def _forwards(buffer: NDArray[Any]) -> NDArray[Any]:
    backwards = tuple(a for a, s in enumerate(buffer.strides) if s < 0)
    return np.flip(buffer, backwards) if backwards else buffer


def create() -> Backend:
    """Return the mutant."""
    return wrapped("negative_strides_made_positive", _evaluated)
