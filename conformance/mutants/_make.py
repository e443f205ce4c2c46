"""How a mutant is made: the NumPy backend with one thing replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conformance.backends.numpy import NumpyBackend, Parts

if TYPE_CHECKING:
    from conformance.backend import Capabilities, Output
    from conformance.case import Case

Buffers: TypeAlias = Mapping[str, NDArray[Any]]


def with_parts(name: str, **parts: Any) -> NumpyBackend:
    """Return the NumPy backend with some of its parts replaced."""
    return NumpyBackend(f"mutant:{name}", replace(Parts(), **parts))


@dataclass(frozen=True)
class Wrapped:
    """What calls the NumPy backend, wrongly, or spoils what it returns."""

    name: str
    wrong: Callable[[NumpyBackend, Case, Buffers], Output]
    correct: NumpyBackend = field(default_factory=NumpyBackend)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the NumPy backend."""
        return self.correct.capabilities

    def can_run(self, case: Case) -> str | None:
        """Return what the NumPy backend returns."""
        return self.correct.can_run(case)

    def run(self, case: Case, buffers: Buffers) -> Output:
        """Return the wrong output."""
        with np.errstate(all="ignore"):
            return self.wrong(self.correct, case, buffers)


def wrapped(
    name: str, wrong: Callable[[NumpyBackend, Case, Buffers], Output]
) -> Wrapped:
    """Return a backend that answers with `wrong(correct, case, buffers)`."""
    return Wrapped(f"mutant:{name}", wrong)


def spoiled(name: str, spoil: Callable[[Output, Buffers], Output]) -> Wrapped:
    """Return the NumPy backend whose output passes through `spoil`."""
    return wrapped(
        name, lambda correct, case, buffers: spoil(correct.run(case, buffers), buffers)
    )


def asking(case: Case, **options: Any) -> Case:
    """Return `case` with other options; None takes one away."""
    merged = {**case.options, **options}
    return replace(case, options={k: v for k, v in merged.items() if v is not None})


def by_index(buffers: Buffers) -> bool:
    """Does the target hold class indices?"""
    return buffers["target"].dtype.kind in "iu"
