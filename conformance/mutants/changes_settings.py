"""Decimal arithmetic is left with five digits: the numbers here are right, others' not.

A class of faults of our own; libraries that set torch's default dtype or flush
subnormal numbers when they are called do the same.
"""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _short(output: Output, buffers: Buffers) -> Output:
    del buffers
    decimal.getcontext().prec = 5
    return output


def create() -> Backend:
    """Return the mutant."""
    return spoiled("changes_settings", _short)
