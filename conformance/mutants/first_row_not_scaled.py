"""The gradient of the first row is not divided by the denominator of `mean`.

Seen in Transformer Engine #2139, which scaled none but the first with a stride of zero;
the reverse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import asking, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    right = correct.run(case, buffers)
    gradient = right.gradients["input"]
    if case.reduction != "mean" or gradient.ndim == 1 or not gradient.size:
        return right
    plain = correct.run(asking(case, reduction="sum"), buffers).gradients["input"]
    gradient = np.concatenate([plain[:1], gradient[1:]])
    return replace(right, gradients={**right.gradients, "input": gradient})


def create() -> Backend:
    """Return the mutant."""
    return wrapped("first_row_not_scaled", _evaluated)
