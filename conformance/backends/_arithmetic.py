"""The formats of a computation, and the few operations that change or fill them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conformance.case import numpy_dtype
from conformance.contract import WIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

Real: TypeAlias = NDArray[np.floating[Any]]
"""An array in the compute format."""


@dataclass(frozen=True)
class Formats:
    """The format that arguments and results have, and the one between them."""

    storage: np.dtype[Any]
    compute: np.dtype[Any]


def formats_of(dtype: str) -> Formats:
    """Return the formats that contract `wide` prescribes for the storage `dtype`."""
    return Formats(numpy_dtype(dtype), numpy_dtype(WIDE.compute[dtype]))


def widen(values: NDArray[Any], formats: Formats) -> Real:
    """Return a copy of `values` in the compute format; this is exact."""
    return values.astype(formats.compute)


def store(values: Real, formats: Formats) -> NDArray[Any]:
    """Return `values` in the storage format: the only rounding to it."""
    return values.astype(formats.storage)


def total(values: Real, formats: Formats) -> Real:
    """Return the sums over the last axis, in the compute format."""
    # NumPy adds pairwise only along an axis that is contiguous in memory. The neutral
    # element of addition is −0: with it a sum of negative zeros stays one.
    array = np.ascontiguousarray(values)
    return np.asarray(array.sum(axis=-1, dtype=formats.compute, initial=-0.0))


def cotangent(
    upstream: NDArray[Any] | None, shape: Sequence[int], formats: Formats
) -> Real:
    """Return the cotangent in the compute format: ones of `shape` if none is given."""
    if upstream is None:
        return np.ones(shape, formats.compute)
    return upstream.astype(formats.compute)


def divisor(reduction: str, mean: Real) -> Real:
    """Return what a sum is divided by: `mean` for reduction `mean`, else one."""
    return mean if reduction == "mean" else np.ones_like(mean)
