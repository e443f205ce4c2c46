"""The gradient by `weight` is that of the first row alone, or is not divided by N.

A class of faults of our own; few test this gradient.
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


def _first_row(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    logits = buffers["input"]
    if logits.ndim == 1 or not logits.size:
        return correct.run(case, buffers)
    masked = buffers["target"].copy()
    masked[1:] = 0
    return correct.run(case, {**buffers, "target": masked})


def _undivided(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    reduction = "sum" if case.reduction == "mean" else case.reduction
    return correct.run(asking(case, reduction=reduction), buffers)


VARIANTS: Final = {"first_row": _first_row, "undivided": _undivided}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, variant: str
) -> Output:
    right = correct.run(case, buffers)
    if "weight" not in right.gradients:
        return right
    wrong = VARIANTS[variant](correct, case, buffers).gradients["weight"]
    return replace(right, gradients={**right.gradients, "weight": wrong})


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"gradient_by_weight_wrong_{variant}", partial(_evaluated, variant=variant)
    )
