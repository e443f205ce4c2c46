"""A sum over the logits' memory includes the element that follows the last one.

A class of faults of our own: a vector load that is not masked. What it finds there is
added to the last logit, as zero if there is nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.mutants._make import wrapped
from conformance.mutants._memory import owner, start

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    logits = buffers["input"]
    memory = owner(logits)
    last = start(logits) + sum(
        (n - 1) * s // logits.itemsize
        for n, s in zip(logits.shape, logits.strides, strict=True)
    )
    if not logits.size or last + 1 >= memory.size:
        return correct.run(case, buffers)
    read = logits.copy()
    read[(-1,) * read.ndim] += memory[last + 1]
    return correct.run(case, {**buffers, "input": read})


def create() -> Backend:
    """Return the mutant."""
    return wrapped("reads_past_the_end", _evaluated)
