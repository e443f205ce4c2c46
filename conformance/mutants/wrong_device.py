"""The result is left on another device than the arguments.

A class of faults of our own: a scalar that is copied to the host, or is not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _moved(output: Output, buffers: Buffers) -> Output:
    del buffers
    return replace(output, device="cuda")


def create() -> Backend:
    """Return the mutant."""
    return spoiled("wrong_device", _moved)
