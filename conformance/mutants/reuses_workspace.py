"""Gradients are returned in a buffer that the next call of their shape writes over.

Seen as a class of faults wherever results live in a workspace: unsloth and Liger write
gradients into memory that a second backward pass needs (unsloth #5002).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.backend import Output
from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend


def create() -> Backend:
    """Return the mutant."""
    workspace: dict[object, NDArray[Any]] = {}

    def placed(output: Output, buffers: Mapping[str, NDArray[Any]]) -> Output:
        del buffers
        gradients = {}
        for name, gradient in output.gradients.items():
            key = name, gradient.shape, gradient.dtype
            gradients[name] = workspace.setdefault(key, gradient.copy())
            gradients[name][...] = gradient
        return Output(output.value, gradients)

    return spoiled("reuses_workspace", placed)
