"""Truth values as a target are taken for class indices.

Seen in torch's inductor and vmap, which accept a bool target that the eager function
refuses (as #193757 for binary cross-entropy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers

LOSSES: Final = ("cross_entropy",)


def _converted(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    target = buffers["target"]
    if target.dtype == np.bool_:
        return correct.run(case, {**buffers, "target": target.astype(np.int64)})
    return correct.run(case, buffers)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("accepts_bool_target", _converted)
