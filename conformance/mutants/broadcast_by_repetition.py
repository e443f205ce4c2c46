"""Arguments of different shapes are paired element by element, cyclically.

Seen in pytorch #4938 and #33787, whose shapes (2, 1) and (2, 1, 1, 1) gave another
mean.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("mae", "mse")


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    given, target = buffers["input"], buffers["target"]
    shape = np.broadcast_shapes(given.shape, target.shape)
    if given.shape == target.shape or not math.prod(shape):
        return correct.run(case, buffers)
    cycled = {n: np.resize(buffers[n], shape) for n in ("input", "target")}
    wrong = correct.run(case, {**buffers, **cycled})
    return replace(correct.run(case, buffers), value=wrong.value)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("broadcast_by_repetition", _evaluated)
