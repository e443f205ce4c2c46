"""The denominator of `mean` is held in the storage format.

Seen in torch on the CPU and in pytorch #61523: from 65 520 rows on a count in float16
is infinite. In bfloat16, 257 rows count as 256.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import divisor
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


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    dtype = numpy_dtype(case.dtype) if case.dtype in DTYPES else np.float64
    parts = replace(correct.parts, divisor=partial(_rounded, dtype=dtype))
    return replace(correct, parts=parts).run(case, buffers)


def _rounded(reduction: str, mean: Real, dtype: np.dtype[Any] | type) -> Real:
    return through(divisor(reduction, mean), dtype)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("count_in_storage_format", _evaluated)
