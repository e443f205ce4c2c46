"""A weight that is too long is cut, one that is too short is repeated.

A class of faults of our own: broadcasting, or reading what lies behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._softmax import class_axis
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    logits = buffers["input"]
    if "weight" not in buffers or not logits.ndim:
        return correct.run(case, buffers)
    classes = logits.shape[class_axis(logits.ndim)]
    fitted = np.resize(buffers["weight"], (classes,))
    return correct.run(case, {**buffers, "weight": fitted})


def create() -> Backend:
    """Return the mutant."""
    return wrapped("accepts_weight_of_wrong_length", _evaluated)
