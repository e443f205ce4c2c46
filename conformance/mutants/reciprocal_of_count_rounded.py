"""A sum is multiplied by 1/n, rounded to the storage format, not divided by n.

Seen in torch's chunked linear_cross_entropy, whose factor 1/n lies in a float16
scratch.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.backends._arithmetic import divisor
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


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    dtype = numpy_dtype(case.dtype)
    parts = replace(correct.parts, divisor=partial(_rounded, dtype=dtype))
    return replace(correct, parts=parts).run(case, buffers)


def _rounded(reduction: str, mean: Real, dtype: np.dtype[Any]) -> Real:
    return 1 / through(1 / divisor(reduction, mean), dtype)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("reciprocal_of_count_rounded", _evaluated)
