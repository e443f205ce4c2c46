"""A difference halfway between two numbers is rounded down, not to the even one.

A class of faults of our own: rounding by adding a half and cutting off. Each result is
within its bound, but x − y and y − x no longer have the same size.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers

LOSSES: Final = ("mae",)
DTYPES: Final = ("float16", "float32")


def _rounded(exact: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
    near = exact.astype(dtype)
    below = np.where(near > exact, np.nextafter(near, dtype.type(-np.inf)), near)
    above = np.nextafter(below, dtype.type(np.inf))
    halfway = exact - below == above - exact
    return np.where(halfway, below, near)


def _terms(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    right = correct.run(case, buffers)
    if case.loss != "mae" or case.reduction != "none":
        return right
    x, y = (buffers[name].astype(np.float64) for name in ("input", "target"))
    value = np.abs(_rounded(x - y, buffers["input"].dtype))
    return replace(right, value=value)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("ties_rounded_down", _terms)
