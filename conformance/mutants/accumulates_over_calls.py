"""Gradients are added to those of the previous call of the same shape.

Seen with a second backward pass in unsloth #5002 and quack #209, which write into what
the first one saved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _adding() -> Callable[[NumpyBackend, Case, Buffers], Output]:
    memory: dict[Any, NDArray[Any]] = {}

    def evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
        output = correct.run(case, buffers)
        gradient = output.gradients["input"]
        key = (case.loss, gradient.shape, gradient.dtype.name)
        summed = gradient + memory.get(key, np.zeros_like(gradient))
        memory[key] = summed
        return replace(output, gradients={**output.gradients, "input": summed})

    return evaluated


def create() -> Backend:
    """Return the mutant."""
    return wrapped("accumulates_over_calls", _adding())
