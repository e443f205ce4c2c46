"""The loss as a function is right, the loss as a module object forgets the upstream.

Seen as a class: torch's inductor, vmap and reference paths have had faults that its
eager functions have not (#192685, #95794).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from conformance.backends.numpy import NumpyBackend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend, Capabilities, Output
    from conformance.case import Case


@dataclass(frozen=True)
class PathDiffers:
    """The NumPy backend with a second path, which is wrong."""

    name: str = "mutant:path_differs"
    correct: NumpyBackend = field(default_factory=NumpyBackend)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the NumPy backend, and the path."""
        return replace(self.correct.capabilities, paths=frozenset({"module"}))

    def can_run(self, case: Case) -> str | None:
        """Return what the NumPy backend returns."""
        return self.correct.can_run(case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return what the NumPy backend returns."""
        return self.correct.run(case, buffers)

    def run_path(
        self, path: str, case: Case, buffers: Mapping[str, NDArray[Any]]
    ) -> Output:
        """Return the gradients as if no upstream gradient had been given."""
        del path
        others = {k: b for k, b in buffers.items() if k != "upstream"}
        return self.correct.run(replace(case, upstream=None), others)


def create() -> Backend:
    """Return the mutant."""
    return PathDiffers()
