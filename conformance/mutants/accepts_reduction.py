"""An unknown reduction is taken for `mean`.

A class of faults of our own: the last branch of a chain has no condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import asking, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    known = case.reduction in ("none", "mean", "sum")
    return correct.run(case if known else asking(case, reduction="mean"), buffers)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("accepts_reduction", _evaluated)
