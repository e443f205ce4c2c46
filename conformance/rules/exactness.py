"""Which results are known to the last bit, so that nothing was rounded (rule S0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Level

    Floats = NDArray[np.float64]

UNKNOWN = np.nan


def held_sum(a: Floats, b: Floats) -> Floats:
    """Return a + b where float64 adds without error, else nan (TwoSum, Knuth)."""
    with np.errstate(all="ignore"):
        s = a + b
        bb = s - a
        error = (a - (s - bb)) + (b - bb)
        return np.where(error == 0, s, UNKNOWN)


def held_product(a: Floats, b: Floats) -> Floats:
    """Return a · b where both have at most 26 significant bits, else nan."""
    with np.errstate(all="ignore"):
        product = a * b
        safe = (np.abs(product) > 2.0**-960) | (a == 0) | (b == 0)
        short = _short(a) & _short(b) & safe & np.isfinite(product)
        one = (np.abs(a) == 1) | (np.abs(b) == 1)
        return np.where(short | one, product, UNKNOWN)


def power_of_two(values: Floats) -> NDArray[np.bool_]:
    """Say which numbers are ±2^k: a product or quotient by them moves the exponent."""
    mantissa, _ = np.frexp(np.abs(values))
    return np.asarray(mantissa == 0.5)  # noqa: PLR2004 - frexp's mantissa of 2^k


def held_quotient(a: Floats, b: Floats) -> Floats:
    """Return a ÷ b where b is a power of two and nothing underflows, else nan."""
    with np.errstate(all="ignore"):
        quotient = a / b
        exact = power_of_two(b) & (quotient * b == a) & np.isfinite(quotient)
        return np.where(exact, quotient, UNKNOWN)


def _short(a: Floats) -> NDArray[np.bool_]:
    mantissa, _ = np.frexp(a)
    scaled = mantissa * 2.0**26
    return np.asarray(scaled == np.floor(scaled), dtype=np.bool_)


def exact_sum(held: Floats, axis: int | None, level: Level) -> Floats:
    """Return the sums that are exact in every order, nan for the others (rule S0)."""
    with np.errstate(all="ignore"):
        quantum = np.min(_quantum(held), axis=axis, initial=np.inf)
        total = np.abs(held).sum(axis=axis)
        # Strictly below: at p = 53 a total that was rounded itself is then excluded.
        exact = total < 2.0**level.format.precision * quantum
        # No multiple of the quantum can be flushed.
        exact &= quantum >= level.flush
        exact |= total == 0
        return np.where(exact, held.sum(axis=axis), UNKNOWN)


def _quantum(held: Floats) -> Floats:
    """Return the lowest set bit of each number as a power of two; inf for zero."""
    mantissa, exponent = np.frexp(held)
    integer = np.where(np.isfinite(held), mantissa * 2.0**53, 0.0).astype(np.int64)
    lowest = (integer & -integer).astype(np.float64)
    bit = np.ldexp(lowest, exponent - 53)
    return np.where(held == 0, np.inf, np.where(np.isnan(held), UNKNOWN, bit))
