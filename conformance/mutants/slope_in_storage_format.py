"""The factor 2/n of MSE's gradient is rounded to the storage format.

Seen in torch's mse_loss_backward in float16, and noted in MPS PR#187553.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.case import numpy_dtype
from conformance.mutants._make import wrapped
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from typing import Any

    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Real
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


DTYPES: Final = ("float16", "bfloat16")
LOSSES: Final = ("mse",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    dtype = numpy_dtype(case.dtype)
    slopes = {"mse": partial(_slope, dtype=dtype)}
    return replace(correct, parts=replace(correct.parts, slopes=slopes)).run(
        case, buffers
    )


def _slope(difference: Real, count: Real, dtype: np.dtype[Any]) -> Real:
    factor: Real = through(np.asarray(2 / count, count.dtype), dtype)
    return difference * factor


def create() -> Backend:
    """Return the mutant."""
    return wrapped("slope_in_storage_format", _evaluated)
