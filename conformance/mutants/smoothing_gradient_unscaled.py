"""The gradient's target keeps the factor 1 where the value has 1 − ε.

A class of faults of our own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.backends._cross_entropy import spread
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _spread(smoothing: float, classes: int) -> tuple[float, float]:
    return 1.0, spread(smoothing, classes)[1]


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    parts = replace(correct.parts, spread=_spread)
    wrong = replace(correct, parts=parts).run(case, buffers)
    return replace(correct.run(case, buffers), gradients=wrong.gradients)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("smoothing_gradient_unscaled", _evaluated)
