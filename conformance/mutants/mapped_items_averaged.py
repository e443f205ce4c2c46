"""Mapped over a stacked axis, the loss of an item is the mean over all items.

A class of faults of our own around torch #90916 and #105736: a mapped axis that the
reduction takes for one of the batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._paths import by_path, of_value

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _averaged(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    zeros = buffers["input"] - buffers["input"]
    mine = correct.run(case, buffers)
    other = correct.run(case, {**buffers, "input": zeros}).value
    return mine if other is None else of_value(mine, lambda v: (v + other) / 2)


def create() -> Backend:
    """Return the mutant."""
    return by_path("mapped_items_averaged", "vmap", _averaged)
