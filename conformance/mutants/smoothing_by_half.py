"""The value is smoothed and the gradient is not, or the reverse.

A class of faults of our own: an option that one of two kernels does not know.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.mutants._make import asking, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)
VARIANTS: Final = {"value": True, "gradient": False}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, *, value: bool
) -> Output:
    smooth = correct.run(case, buffers)
    plain = correct.run(asking(case, label_smoothing=None), buffers)
    first, second = (smooth, plain) if value else (plain, smooth)
    return replace(first, gradients=second.gradients)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"smoothing_by_half_{variant}", partial(_evaluated, value=VARIANTS[variant])
    )
