"""The loss as a function is right, the loss as a module object forgets the upstream.

Seen as a class: torch's inductor, vmap and reference paths have had faults that its
eager functions have not (#192685, #95794).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.mutants._paths import by_path

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _forgetful(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    others = {k: b for k, b in buffers.items() if k not in ("upstream", "tangent")}
    return correct.run(replace(case, upstream=None), others)


def create() -> Backend:
    """Return the mutant."""
    return by_path("path_differs", "module", _forgetful)
