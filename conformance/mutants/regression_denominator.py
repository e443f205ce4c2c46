"""The mean of MAE and MSE divides by n + 1, by n − 1, or by the batch size alone.

Seen in MXNet #2215, which normalised by batch; the others are the estimates of
statistics.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import divisor
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Real
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("mae", "mse")
VARIANTS: Final = {
    "plus_one": lambda count, shape: count + 1,  # noqa: ARG005
    "minus_one": lambda count, shape: count - 1,  # noqa: ARG005
    "batch": lambda count, shape: shape[0] if shape else count,
}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, variant: str
) -> Output:
    shapes = buffers["input"].shape, buffers["target"].shape

    def wrong(reduction: str, mean: Real) -> Real:
        count = VARIANTS[variant](mean, np.broadcast_shapes(*shapes))
        return divisor(reduction, np.asarray(count, mean.dtype))

    parts = replace(correct.parts, divisor=wrong)
    return replace(correct, parts=parts).run(case, buffers)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"regression_denominator_{variant}", partial(_evaluated, variant=variant)
    )
