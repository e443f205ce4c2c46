"""The gradient by `target` keeps the sign of that by `input`, or lacks a factor.

A class of faults of our own; few test this gradient.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.mutants._make import asking, wrapped

if TYPE_CHECKING:
    from typing import Any

    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _sign(correct: NumpyBackend, case: Case, buffers: Buffers) -> Any:
    return -correct.run(case, buffers).gradients["target"]


def _unsmoothed(correct: NumpyBackend, case: Case, buffers: Buffers) -> Any:
    asked = asking(case, label_smoothing=None)
    return correct.run(asked, buffers).gradients["target"]


def _unweighted(correct: NumpyBackend, case: Case, buffers: Buffers) -> Any:
    rest = {name: b for name, b in buffers.items() if name != "weight"}
    return correct.run(case, rest).gradients["target"]


VARIANTS: Final = {
    "sign": _sign,
    "unsmoothed": _unsmoothed,
    "unweighted": _unweighted,
}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, variant: str
) -> Output:
    right = correct.run(case, buffers)
    if "target" not in right.gradients:
        return right
    wrong = VARIANTS[variant](correct, case, buffers)
    return replace(right, gradients={**right.gradients, "target": wrong})


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"gradient_by_target_wrong_{variant}", partial(_evaluated, variant=variant)
    )
