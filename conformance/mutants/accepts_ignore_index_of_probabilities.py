"""Class probabilities may come with an `ignore_index` that is a class.

A class of faults of our own: it is ignored, where torch refuses the pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.mutants._make import asking, by_index, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    asked = case if by_index(buffers) else asking(case, ignore_index=None)
    return correct.run(asked, buffers)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("accepts_ignore_index_of_probabilities", _evaluated)
