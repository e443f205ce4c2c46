"""Forward mode over the gradient raises for a mean, or loses all but the diagonal.

Seen in pytorch #123996: the double backward of mse_loss divides a constant zero in
place. The other is a class of faults of our own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.backend import FORWARD
from conformance.mutants._paths import by_path

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _raising(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    if case.reduction == "mean":
        msg = "a constant zero cannot be written to"
        raise RuntimeError(msg)
    return correct.run(case, buffers)


def _diagonal(
    parts: Parts, p: Real, mass: Real, tangent: Real, formats: Formats
) -> Real:
    del parts, formats
    return p * (1 - p) * tangent * mass


def _uncoupled(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    flat = {loss: lambda count: count for loss in correct.parts.curvatures}
    wrong = replace(correct.parts, logit_curvature=_diagonal, curvatures=flat)
    return replace(correct, parts=wrong).run(case, buffers)


VARIANTS: Final = {"for_mean": _raising, "off_diagonal": _uncoupled}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    name = f"forward_over_reverse_fails_{variant}"
    return by_path(name, FORWARD, partial(VARIANTS[variant]))
