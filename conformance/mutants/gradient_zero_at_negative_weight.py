"""The gradient is zero where the summed weight is not positive.

Seen in pytorch #64256.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import formats_of
from conformance.backends._cross_entropy import index_mass
from conformance.mutants._make import asking, by_index, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    right = correct.run(case, buffers)
    if case.reduction != "mean" or not by_index(buffers):
        return right
    ones = asking(case, reduction="none", label_smoothing=None)
    rest = {n: b for n, b in buffers.items() if n != "upstream"}
    mass = index_mass(correct.parts, rest, ones.options, formats_of(case.dtype))
    if not mass.divisor < 0:
        return right
    zero = np.zeros_like(right.gradients["input"])
    return replace(right, gradients={**right.gradients, "input": zero})


def create() -> Backend:
    """Return the mutant."""
    return wrapped("gradient_zero_at_negative_weight", _evaluated)
