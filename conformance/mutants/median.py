"""`mean` is the median of the terms.

A class of faults of our own: right for equal terms and for one or two of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import asking, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    output = correct.run(case, buffers)
    if case.reduction != "mean":
        return output
    single = {n: b for n, b in buffers.items() if n != "upstream"}
    terms = correct.run(asking(case, reduction="none"), single).value
    if terms is None or not terms.size:
        return output
    middle = np.median(terms.astype(np.float64))
    return replace(output, value=np.asarray(middle, terms.dtype))


def create() -> Backend:
    """Return the mutant."""
    return wrapped("median", _evaluated)
