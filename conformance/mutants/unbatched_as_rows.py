"""Logits of shape (C,) are taken for C rows of one class.

A class of faults of our own: an axis added at the wrong end. The reference of ONNX
refuses such logits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    right = correct.run(case, buffers)
    if buffers["input"].ndim != 1 or right.value is None:
        return right
    zero = {n: np.zeros_like(g) for n, g in right.gradients.items()}
    return replace(right, value=np.zeros_like(right.value), gradients=zero)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("unbatched_as_rows", _evaluated)
