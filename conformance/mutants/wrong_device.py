"""The value is left on another device than the one that was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output


def _moved(output: Output, buffers: Mapping[str, NDArray[Any]]) -> Output:
    del buffers
    return replace(output, device="cuda:0")


def create() -> Backend:
    """Return the mutant."""
    return spoiled("wrong_device", _moved)
