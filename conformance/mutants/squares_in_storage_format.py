"""A difference is squared in the storage format.

Seen in torch's eager mse_loss in float16: 300² is infinite.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.backends._regression import mse_term
from conformance.case import numpy_dtype
from conformance.mutants._make import wrapped
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Real
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


DTYPES: Final = ("float16", "bfloat16")
LOSSES: Final = ("mse",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    dtype = numpy_dtype(case.dtype)
    terms = {"mse": partial(_square, dtype=dtype)}
    return replace(correct, parts=replace(correct.parts, terms=terms)).run(
        case, buffers
    )


def _square(difference: Real, dtype: np.dtype[Any]) -> Real:
    return through(mse_term(through(difference, dtype)), dtype)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("squares_in_storage_format", _evaluated)
