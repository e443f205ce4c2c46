"""Every second call with the same arguments gives a value one unit higher.

Seen as thread-dependent partitions in torch's l1_loss on the CPU and as atomic
additions in pytorch #17350 and #46024; here the order of the calls decides.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


DTYPES: Final = ("float32", "float64")


def _alternating() -> Callable[[NumpyBackend, Case, Buffers], Output]:
    calls = itertools.count()

    def evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
        output = correct.run(case, buffers)
        if next(calls) % 2 == 0 or output.value is None or output.value.size < 1:
            return output
        up = np.nextafter(output.value, np.full_like(output.value, np.inf))
        return replace(output, value=np.asarray(up))

    return evaluated


def create() -> Backend:
    """Return the mutant."""
    return wrapped("second_call_differs", _alternating())
