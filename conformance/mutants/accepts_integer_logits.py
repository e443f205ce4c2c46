"""Logits of an integer type are converted.

Seen where an array is cast to the default type before it is looked at, as in onnx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.case import numpy_dtype
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    logits = buffers["input"]
    if logits.dtype.kind not in "iu":
        return correct.run(case, buffers)
    converted = logits.astype(numpy_dtype(case.dtype))
    return correct.run(case, {**buffers, "input": converted})


def create() -> Backend:
    """Return the mutant."""
    return wrapped("accepts_integer_logits", _evaluated)
