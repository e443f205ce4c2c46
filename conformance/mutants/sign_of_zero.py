"""A loss of zero is −0 where it must be +0.

A class of faults of our own: minus a sum of zeros. Elsewhere the sign is free.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _negative(output: Output, buffers: Buffers) -> Output:
    del buffers
    value = output.value
    if value is None:
        return output
    return replace(output, value=np.where(value == 0, -np.abs(value), value))


def create() -> Backend:
    """Return the mutant."""
    return spoiled("sign_of_zero", _negative)
