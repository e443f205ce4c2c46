"""What lies in front of logits that are a slice is overwritten.

A class of faults of our own: memory that belongs to somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import spoiled
from conformance.mutants._memory import owner, start

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _written(output: Output, buffers: Buffers) -> Output:
    memory, first = owner(buffers["input"]), start(buffers["input"])
    if not buffers["input"].flags.c_contiguous or first:
        memory[:first] = 0
    return output


def create() -> Backend:
    """Return the mutant."""
    return spoiled("writes_outside_the_view", _written)
