r"""Exact sums that MAE, MSE and their gradients are made of.

Arrays are finite numbers in float16, bfloat16, float32 or float64; they are broadcast
against each other, and the sum runs over the elements of the common shape. Nothing is
rounded, and the state of the thread does not matter: see `reference.fast.accumulator`.
All functions raise TypeError for an array of another dtype, and ValueError for an
element that is infinite or nan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reference.fast.accumulator import ExactDot, ExactSum, Factor
from reference.fast.bits import SIGN, chunks, key

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray


def sum_of_distances(x: NDArray[Any], y: NDArray[Any]) -> Fraction:
    """Return Σ |x − y|.

    |x − y| is x − y where x ≥ y, else y − x; which one is decided by comparing
    integers that are ordered as the numbers are.

    >>> import numpy as np
    >>> sum_of_distances(np.array([1e308, 1.0]), np.array([1e308, 1.5]))
    Fraction(1, 2)
    """
    result = ExactSum()
    for a, b in chunks(x, y):
        swap = (key(a) < key(b)).astype(np.int64) << 63
        result.add(a ^ swap)
        result.add(b ^ swap ^ SIGN)
    return result.total()


def sum_of_squares(x: NDArray[Any], y: NDArray[Any]) -> Fraction:
    """Return Σ (x − y)² = Σ x² + Σ y² + 2 Σ x (−y)."""
    result = ExactDot()
    for a, b in chunks(x, y):
        p, q = Factor(a), Factor(b ^ SIGN)
        result.add(p, p)
        result.add(q, q)
        result.add(p, q, doublings=1)
    return result.total()


def sum_of_signs(x: NDArray[Any], y: NDArray[Any], u: NDArray[Any]) -> Fraction:
    """Return Σ sign(x − y) u."""
    result = ExactSum()
    for a, b, c in chunks(x, y, u):
        above, below = key(a), key(b)
        differs = -(above != below).astype(np.int64)  # all bits set, or none
        result.add((c & differs) ^ ((above < below).astype(np.int64) << 63))
    return result.total()


def sum_of_differences(x: NDArray[Any], y: NDArray[Any], u: NDArray[Any]) -> Fraction:
    """Return Σ 2 (x − y) u = 2 (Σ x u + Σ (−y) u)."""
    result = ExactDot()
    for a, b, c in chunks(x, y, u):
        factor = Factor(c)
        result.add(Factor(a), factor, doublings=1)
        result.add(Factor(b ^ SIGN), factor, doublings=1)
    return result.total()
