"""Label smoothing outside [0, 1] is accepted: if it is negative, above 1, or nan.

Seen in pytorch #134767, which takes negative values and nan for no smoothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.mutants._make import asking, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)
VARIANTS: Final = {
    "negative": lambda smoothing: smoothing < 0,
    "above_one": lambda smoothing: smoothing > 1,
    "nan": lambda smoothing: smoothing != smoothing,  # noqa: PLR0124
}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, variant: str
) -> Output:
    wrong = VARIANTS[variant](case.options.get("label_smoothing", 0.0))
    return correct.run(asking(case, label_smoothing=0.0) if wrong else case, buffers)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(f"accepts_smoothing_{variant}", partial(_evaluated, variant=variant))
