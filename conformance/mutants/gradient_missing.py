"""The gradient by `target` is promised, and not returned.

Seen where an argument is declared differentiable and its gradient is None.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _dropped(output: Output, buffers: Buffers) -> Output:
    del buffers
    left = {n: g for n, g in output.gradients.items() if n != "target"}
    return replace(output, gradients=left)


def create() -> Backend:
    """Return the mutant."""
    return spoiled("gradient_missing", _dropped)
