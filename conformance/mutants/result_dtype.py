"""Value, or gradients, or both in float64, have another data type than the arguments.

Seen under torch's autocast, where float32 is meant, and where NumPy promotes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _value(output: Output, buffers: Buffers) -> Output:
    del buffers
    return replace(output, value=_of(output.value, np.float32))


def _gradients(output: Output, buffers: Buffers) -> Output:
    del buffers
    made = {n: g.astype(np.float32) for n, g in output.gradients.items()}
    return replace(output, gradients=made)


def _double(output: Output, buffers: Buffers) -> Output:
    del buffers
    made = {n: g.astype(np.float64) for n, g in output.gradients.items()}
    return replace(output, value=_of(output.value, np.float64), gradients=made)


def _of(value: NDArray[Any] | None, dtype: type) -> NDArray[Any] | None:
    return None if value is None else value.astype(dtype)


VARIANTS: Final = {"value": _value, "gradients": _gradients, "double": _double}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return spoiled(f"result_dtype_{variant}", VARIANTS[variant])
