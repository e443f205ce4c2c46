"""What nobody can do better: the exact values, correctly rounded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.answer import ask
from conformance.backend import Output
from conformance.backends._support import reason_against
from conformance.backends.numpy import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Capabilities
    from conformance.case import Case


@dataclass(frozen=True)
class CorrectlyRounded:
    """The oracle as a backend."""

    name: str = "correctly rounded"
    capabilities: Capabilities = CAPABILITIES

    def can_run(self, case: Case) -> str | None:
        """Return what is not offered."""
        return reason_against(self.capabilities, case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the correctly rounded loss and gradients."""
        del buffers
        answer = ask(case)
        if answer.result is None:
            raise ValueError(answer.rejection)
        gradients = {
            name: exact.round_to(_FORMATS[case.dtype])
            for name, exact in answer.result.gradient.items()
            if name in case.arguments
        }
        return Output(answer.result.value.round_to(_FORMATS[case.dtype]), gradients)


_FORMATS = {
    "float16": "binary16",
    "bfloat16": "bfloat16",
    "float32": "binary32",
    "float64": "binary64",
}
