"""A negative loss becomes zero.

A class of faults of our own: losses are thought to be positive, and with negative
weights or shares they are not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _positive(output: Output, buffers: Buffers) -> Output:
    del buffers
    value = output.value
    if value is None:
        return output
    return replace(output, value=np.where(value < 0, np.zeros_like(value), value))


def create() -> Backend:
    """Return the mutant."""
    return spoiled("loss_not_negative", _positive)
