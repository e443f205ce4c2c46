"""Without reduction, an ignored row holds what the memory held before.

Seen in pytorch #20406 and Liger PR#1338. Here it is the loss of the row before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import mask_rows
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Real
    from conformance.backends._parts import Mask
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _mask_rows(values: Real, kept: Mask) -> Real:
    if values.ndim > 1 or not values.size:
        return mask_rows(values, kept)
    before = np.roll(values, 1)
    return np.where(kept, values, np.where(np.isfinite(before), before, 1))


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    if case.reduction != "none":
        return correct.run(case, buffers)
    parts = replace(correct.parts, mask_rows=_mask_rows)
    return replace(correct, parts=parts).run(case, buffers)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("ignored_rows_unwritten", _evaluated)
