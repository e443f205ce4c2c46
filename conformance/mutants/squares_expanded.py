"""A squared difference is x² − 2xy + y², which cancels.

A class of faults of our own: the form that matrix products suggest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import divisor, formats_of, store, total, widen
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("mse",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    right = correct.run(case, buffers)
    formats = formats_of(case.dtype)
    x, y = (widen(buffers[n], formats) for n in ("input", "target"))
    terms = (x * x - 2 * x * y) + y * y
    if case.reduction == "none":
        return replace(right, value=store(np.asarray(terms), formats))
    count = divisor(case.reduction, np.asarray(terms.size, formats.compute))
    summed = np.asarray(total(terms.reshape(-1), formats) / count)
    return replace(right, value=store(summed, formats))


def create() -> Backend:
    """Return the mutant."""
    return wrapped("squares_expanded", _evaluated)
