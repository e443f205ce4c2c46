"""Exact and proved views of what the arithmetic kernels return."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Pair = tuple[Floats, Floats]

BITS: Final = 300
"""Enough for a hundred bits of a difference after two hundred have cancelled."""


def fractions(*words: Floats) -> list[Fraction]:
    """Return the exact sums of the words of each number."""
    columns = [map(Fraction, word.ravel().tolist()) for word in words]
    return [sum(parts, Fraction(0)) for parts in zip(*columns, strict=True)]


def balls(flint: Any, *words: Floats) -> Iterator[Any]:
    """Yield the exact sums of the words of each number as balls of Arb."""
    for parts in zip(*(word.ravel().tolist() for word in words), strict=True):
        yield sum(map(flint.arb, parts), flint.arb(0))


def largest_ratio(got: Iterable[Any], truth: Iterable[Any]) -> float:
    """Return the largest |got ÷ truth − 1|, an upper bound of it, of balls."""
    errors = [abs(g / t - 1) for g, t in zip(got, truth, strict=True)]
    assert all(error.is_finite() for error in errors)
    return max(float(error.upper()) for error in errors)


def normalised(rng: np.random.Generator, high: Floats) -> Pair:
    """Return double words with these high words, many at an end of what is allowed."""
    half = np.spacing(np.abs(high)) / 2
    share = rng.choice([0.0, 1.0, -1.0, 1e-3], size=high.shape)
    share = np.where(
        rng.random(high.shape) < 0.5, rng.uniform(-1, 1, high.shape), share
    )
    low = half * share
    # A tie must go to the high word, and below a power of two spacing is half as wide.
    total = high + low
    low = np.where(total == high, low, low / 4)
    return high, low


def read_only(*arrays: Any) -> None:
    """Make it an error to write to these arrays."""
    for array in arrays:
        array.flags.writeable = False
