"""Integers that differ from place to place, and whose sums are exact in any order.

All addends of a sum are multiples of a power of two q with Σ |addend| < 2**24 q: each
partial sum in every order is a number of float32, and the bound of the sum is zero
(rule S0 of `conformance.rules.running`). None of them is zero, so that an element that
is dropped or counted twice changes the sum.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_ROOM: Final = 0.9 * 2**24
_TOPS: Final = (15, 7, 3, 2)

LEAST_GAP: Final = 104
"""exp(−104) is below half the least number of float32; beside 1 it is nothing in any
format, so that the loss is the gap and less than 1e-45."""


def scattered(count: int, top: int) -> Integers:
    """Return `count` numbers from 0 to `top` − 1 without a period.

    Multiplicative hashing (Knuth, TAOCP 6.4): the same on every machine.
    """
    hashed = np.arange(count, dtype=np.int64) * 2654435761 % 2**32
    return (hashed >> 13) % top


def differences(count: int, power: int, terms: int | None = None) -> Integers:
    """Return `count` signed integers of 1 to 15 units.

    Args:
        count: How many.
        power: The sum is of that power of their magnitudes.
        terms: How many addends they are repeated to, if more than `count`.
    """
    size = 1 + scattered(count, _top(terms or count, power))
    return np.where(scattered(count + 1, 2)[1:] == 1, size, -size)


def _top(terms: int, power: int) -> int:
    """Return the largest magnitude with which so many terms sum up exactly."""
    for top in _TOPS:
        mean = sum(k**power for k in range(1, top + 1)) / top
        if terms * mean < _ROOM:
            return top
    return 1


def gaps(count: int, terms: int | None = None) -> Integers:
    """Return `count` integer gaps; a target so far behind has a loss of the gap.

    Args:
        count: How many.
        terms: How many addends they are repeated to, if more than `count`.
    """
    if (terms or count) * (LEAST_GAP + 8) < _ROOM:
        return LEAST_GAP + scattered(count, 8)
    # Multiples of a large power of two leave room for more of them.
    return 128 * (1 + scattered(count, 2))


def behind(count: int) -> Integers:
    """Return which of two classes is behind in each of `count` rows."""
    return scattered(count + 3, 2)[3:]


def rows(gap: Integers) -> Integers:
    """Return two logits for each gap; the class that `behind` names is behind by it."""
    base = scattered(len(gap), 9) - 4
    logits = np.stack([base, base], axis=1)
    logits[np.arange(len(gap)), 1 - behind(len(gap))] += gap
    return logits


def wave(shape: tuple[int, ...], period: int, step: int = 5) -> NDArray[np.float64]:
    """Return half integers of both signs, up to a quarter of `period`."""
    count = np.arange(math.prod(shape))
    return ((count * step % period - period // 2) / 2).reshape(shape)
