"""The direction of a derivative is read as if it were contiguous.

A class of faults of our own: strides are passed on for the arguments alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _dense(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    if "tangent" not in buffers:
        return correct.run(case, buffers)
    v = buffers["tangent"]
    in_memory = v.ravel(order="K").reshape(v.shape)
    return correct.run(case, {**buffers, "tangent": in_memory})


def create() -> Backend:
    """Return the mutant."""
    return wrapped("tangent_strides_ignored", _dense)
