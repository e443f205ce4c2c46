"""The number of classes in ε/C is the size of the last axis.

Seen in TensorFlow #32231 and #127249.
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


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    last = buffers["input"].shape[-1] if buffers["input"].ndim else 1

    def wrong(smoothing: float, classes: int) -> tuple[float, float]:
        del classes  # The fault.
        return spread(smoothing, last)

    parts = replace(correct.parts, spread=wrong)
    return replace(correct, parts=parts).run(case, buffers)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("smoothing_counts_last_axis", _evaluated)
