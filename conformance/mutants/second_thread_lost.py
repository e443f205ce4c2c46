"""Of two threads that add one half of the terms each, one overwrites the other's sum.

A class of faults of our own: a race on a shared accumulator, which one thread hides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.mutants._paths import by_path, of_value

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers

_GRAIN: Final = 32_768
"""Elements below which one thread does it all."""


def _halved(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output | None:
    if buffers["input"].size < _GRAIN:
        return None
    right = correct.run(case, buffers)
    return right if case.reduction == "none" else of_value(right, lambda v: v / 2)


def create() -> Backend:
    """Return the mutant."""
    return by_path("second_thread_lost", "threads", _halved)
