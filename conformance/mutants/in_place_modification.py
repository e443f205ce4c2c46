"""The gradient is written over the logits that the caller passed.

Seen in Liger, unsloth, quack and Megatron: it saves memory, and spoils whatever else
needs the logits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output


def _overwrite(output: Output, buffers: Mapping[str, NDArray[Any]]) -> Output:
    buffers["input"][...] = output.gradients["input"]
    return output


def create() -> Backend:
    """Return the mutant."""
    return spoiled("in_place_modification", _overwrite)
