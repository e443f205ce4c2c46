"""Subnormal results, or subnormal arguments, become zero.

Seen on GPUs and under fast mathematics; torch on the CPU keeps them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import store, widen
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend


VARIANTS: Final = {"results": False, "arguments": True}
_NORMAL: Final = {
    "float16": 2.0**-14,
    "bfloat16": 2.0**-126,
    "float32": 2.0**-126,
    "float64": 2.0**-1022,
}


def _flushed(values: NDArray[Any]) -> NDArray[Any]:
    least = _NORMAL[values.dtype.name]
    return np.where(np.abs(values) < least, np.zeros_like(values), values)


def _part(*, arguments: bool) -> dict[str, Callable[..., Any]]:
    if arguments:
        return {"widen": lambda values, formats: widen(_flushed(values), formats)}
    return {"store": lambda values, formats: _flushed(store(values, formats))}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"subnormals_flushed_{variant}", **_part(arguments=VARIANTS[variant])
    )
