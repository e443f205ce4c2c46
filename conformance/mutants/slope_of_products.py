"""The gradient of MSE is 2 x − 2 y, which overflows where 2 (x − y) does not.

A class of faults of our own: the factor is multiplied into the arguments.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.backends._arithmetic import cotangent, formats_of
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers

LOSSES: Final = ("mse",)


def _products(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    right = correct.run(case, buffers)
    if buffers["input"].shape != buffers["target"].shape or right.value is None:
        return right
    formats = formats_of(case.dtype)
    x, y = (buffers[name].astype(formats.compute) for name in ("input", "target"))
    upstream = cotangent(buffers.get("upstream"), right.value.shape, formats)
    count = max(x.size, 1) if case.reduction == "mean" else 1
    slope = (2 * x - 2 * y) / x.dtype.type(count) * upstream
    gradients = {"input": slope, "target": -slope}
    stored = {n: g.astype(formats.storage) for n, g in gradients.items()}
    return replace(right, gradients=stored)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("slope_of_products", _products)
