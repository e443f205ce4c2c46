"""The gradient by `target` is zero: the target is taken for a constant.

Seen in Chainer for class probabilities.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output


def _constant(output: Output, buffers: Mapping[str, NDArray[Any]]) -> Output:
    del buffers
    gradients = dict(output.gradients)
    if "target" in gradients:
        gradients["target"] = np.zeros_like(gradients["target"])
    return replace(output, gradients=gradients)


def create() -> Backend:
    """Return the mutant."""
    return spoiled("target_gradient_dropped", _constant)
