"""The gradient of a broadcast argument is averaged over copies, or that of the first.

A class of faults of our own around pytorch #4938 and #33787.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
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


LOSSES: Final = ("mae", "mse")
VARIANTS: Final = {"averaged": True, "first": False}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, *, averaged: bool
) -> Output:
    right = correct.run(case, buffers)
    shapes = buffers["input"].shape, buffers["target"].shape
    full = math.prod(np.broadcast_shapes(*shapes))
    made = dict(right.gradients)
    for name, gradient in right.gradients.items():
        copies = full // max(gradient.size, 1)
        if copies > 1 and averaged:
            made[name] = (gradient / copies).astype(gradient.dtype)
        elif copies > 1:
            made[name] = _first(correct, case, buffers, name)
    return replace(right, gradients=made)


def _first(
    correct: NumpyBackend, case: Case, buffers: Buffers, name: str
) -> NDArray[Any]:
    full = dict(zip(("input", "target"), _pair(buffers), strict=True))
    single = correct.run(case, {**buffers, **full}).gradients[name]
    shape = buffers[name].shape
    lead = single[(0,) * (single.ndim - len(shape))]
    return np.asarray(lead[tuple(slice(n) for n in shape)])


def _pair(buffers: Buffers) -> list[NDArray[Any]]:
    return list(np.broadcast_arrays(buffers["input"], buffers["target"]))


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"broadcast_gradient_{variant}", partial(_evaluated, averaged=VARIANTS[variant])
    )
