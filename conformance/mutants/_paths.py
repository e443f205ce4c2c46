"""A backend whose answers are right, and another path to them is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from conformance.backends.numpy import NumpyBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from conformance.backend import Capabilities, Output
    from conformance.case import Case
    from conformance.mutants._make import Buffers

    Way: TypeAlias = Callable[[NumpyBackend, Case, Buffers], Output | None]


@dataclass(frozen=True)
class OtherPath:
    """The NumPy backend with a second path of one name.

    Attributes:
        name: Of the mutant.
        path: Of the path.
        wrong: What goes that way; None where it does not lead.
    """

    name: str
    path: str
    wrong: Way
    correct: NumpyBackend = field(default_factory=NumpyBackend)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the NumPy backend, and the path."""
        return replace(self.correct.capabilities, paths=frozenset({self.path}))

    def can_run(self, case: Case) -> str | None:
        """Return what the NumPy backend returns."""
        return self.correct.can_run(case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return what the NumPy backend returns."""
        return self.correct.run(case, buffers)

    def run_path(
        self, path: str, case: Case, buffers: Mapping[str, NDArray[Any]]
    ) -> Output | None:
        """Return what the other path gives."""
        del path  # There is one.
        with np.errstate(all="ignore"):
            return self.wrong(self.correct, case, buffers)


def by_path(name: str, path: str, wrong: Way) -> OtherPath:
    """Return the mutant of a name whose other path is `wrong`."""
    return OtherPath(f"mutant:{name}", path, wrong)


def of_value(output: Output, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Output:
    """Return an output with another value, of the same dtype and shape."""
    if output.value is None:
        return output
    changed = np.asarray(change(output.value))
    return replace(output, value=changed.astype(output.value.dtype))
