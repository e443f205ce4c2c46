"""An expanded argument, of stride zero, is read as if it had all its elements.

A class of faults of our own: what lies behind the few elements is read instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import wrapped
from conformance.mutants._memory import owner, start

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    return correct.run(case, {name: _read(b) for name, b in buffers.items()})


def _read(buffer: NDArray[Any]) -> NDArray[Any]:
    axes = zip(buffer.shape, buffer.strides, strict=True)
    if not any(n > 1 and not s for n, s in axes):
        return buffer
    memory = owner(buffer)[start(buffer) :]
    known = memory[: buffer.size]
    garbage = 0 if buffer.dtype.kind in "iu" else 1
    filled = np.full(buffer.size, garbage, buffer.dtype)
    filled[: known.size] = known
    return filled.reshape(buffer.shape)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("expanded_read_as_dense", _evaluated)
