"""MAE and MSE refuse arguments of different shapes.

Seen in mlx, candle and ONNX, where it is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("mae", "mse")


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    output = correct.run(case, buffers)
    shapes = buffers["input"].shape, buffers["target"].shape
    if shapes[0] != shapes[1]:
        msg = f"input and target must have one shape, got {shapes[0]} and {shapes[1]}"
        raise ValueError(msg)
    return output


def create() -> Backend:
    """Return the mutant."""
    return wrapped("rejects_broadcast", _evaluated)
