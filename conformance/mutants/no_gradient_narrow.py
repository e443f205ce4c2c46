"""Where no gradient is recorded, the value passes through bfloat16.

Seen as a class: inference runs under autocast, and cross-entropy came to its list of
float32 operations late on some devices (torch/xla #7992).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import ml_dtypes
import numpy as np

from conformance.mutants._paths import by_path, of_value

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers

DTYPES: Final = ("float16", "float32", "float64")
_NARROW: Final = np.dtype(ml_dtypes.bfloat16)


def _narrowed(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    value = replace(correct.run(case, buffers), gradients={})
    return of_value(value, lambda v: v.astype(_NARROW))


def create() -> Backend:
    """Return the mutant."""
    return by_path("no_gradient_narrow", "no-grad", _narrowed)
