"""NumPy is left raising on overflow: the numbers are right, the next call's are not.

A class of faults of our own; libraries that set torch's default dtype or flush
subnormal numbers when they are called do the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output


def _strict(output: Output, buffers: Mapping[str, NDArray[Any]]) -> Output:
    del buffers
    np.seterr(over="raise")
    return output


def create() -> Backend:
    """Return the mutant."""
    return spoiled("changes_settings", _strict)
