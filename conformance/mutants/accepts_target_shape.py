"""A target whose shape does not fit is cut or repeated until it does.

A class of faults of our own: broadcasting where torch compares shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._softmax import class_axis
from conformance.mutants._make import by_index, wrapped

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    try:
        return correct.run(case, buffers)
    except ValueError as error:
        if "target" not in str(error) or "shape" not in str(error):
            raise
    return correct.run(case, {**buffers, "target": _fitted(case, buffers)})


def _fitted(case: Case, buffers: Buffers) -> NDArray[Any]:
    target, shape = buffers["target"], buffers["input"].shape
    if case.loss == "cross_entropy" and by_index(buffers):
        axis = class_axis(len(shape))
        shape = shape[:axis] + shape[axis + 1 :]
    return np.resize(target, shape) if target.size else np.zeros(shape, target.dtype)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("accepts_target_shape", _evaluated)
