"""An argument is read from the start of its memory: the offset of a slice is ignored.

A class of faults of our own: the address of the storage in place of the data's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import wrapped
from conformance.mutants._memory import owner, start

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


VARIANTS: Final = {n: n for n in ("input", "target", "weight", "upstream")}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, name: str
) -> Output:
    if name not in buffers or not start(buffers[name]):
        return correct.run(case, buffers)
    buffer = buffers[name]
    memory = owner(buffer)
    moved = np.lib.stride_tricks.as_strided(memory, buffer.shape, buffer.strides)
    return correct.run(case, {**buffers, name: moved})


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"offset_ignored_{variant}", partial(_evaluated, name=VARIANTS[variant])
    )
