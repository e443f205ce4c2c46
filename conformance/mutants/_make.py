"""How a mutant is made: the NumPy backend with one thing replaced."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from conformance.backends.numpy import NumpyBackend, Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from conformance.backend import Capabilities, Output
    from conformance.case import Case


def with_parts(name: str, **parts: Any) -> NumpyBackend:
    """Return the NumPy backend with some of its parts replaced."""
    return NumpyBackend(f"mutant:{name}", replace(Parts(), **parts))


@dataclass(frozen=True)
class Spoiled:
    """The NumPy backend, and what spoils its output or its arguments afterwards."""

    name: str
    spoil: Callable[[Output, Mapping[str, NDArray[Any]]], Output]
    correct: NumpyBackend = field(default_factory=NumpyBackend)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the NumPy backend."""
        return self.correct.capabilities

    def can_run(self, case: Case) -> str | None:
        """Return what the NumPy backend returns."""
        return self.correct.can_run(case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the spoiled output."""
        return self.spoil(self.correct.run(case, buffers), buffers)


def spoiled(
    name: str, spoil: Callable[[Output, Mapping[str, NDArray[Any]]], Output]
) -> Spoiled:
    """Return the NumPy backend whose output passes through `spoil`."""
    return Spoiled(f"mutant:{name}", spoil)
