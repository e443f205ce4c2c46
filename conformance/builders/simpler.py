"""Which numbers are simpler than a number: small integers, then short significands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.builders.grid import Grid

_INTEGERS: Final = 1024
"""Up to so much an integer is simpler than any fraction."""

_BITS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24)


def complexity(x: float) -> tuple[int, float, float]:
    """Return a key that sorts numbers from simple to complex; zero comes first."""
    if not math.isfinite(x):
        return (3 if math.isnan(x) else 2, 0.0, 0.0)
    if x.is_integer() and abs(x) <= _INTEGERS:
        return (0, abs(x), math.copysign(1, -x))
    return (1, float(_significant_bits(x)), abs(math.log2(abs(x))))


def simpler(x: float, grid: Grid) -> Iterator[float]:
    """Yield numbers of the format near `x`, of its sign, simple ones first."""
    if not math.isfinite(x) or x == 0:
        return
    given = complexity(x)
    seen = set()
    for candidate in _near(abs(x)):
        value = math.copysign(grid.snap(candidate), x)
        if value not in seen and complexity(value) < given:
            seen.add(value)
            yield value


def _near(size: float) -> Iterator[float]:
    yield from (1.0, 2.0)
    if size <= _INTEGERS:
        whole = math.floor(size)
        yield from (float(whole // 2), float(whole - whole // 4))
        yield from (float(whole), float(math.ceil(size)), float(whole - 1))
    exponent = math.frexp(size)[1]
    # Towards one from either end of the range, by half of the exponent each time.
    yield from (math.ldexp(1.0, exponent // 2), math.ldexp(1.0, exponent * 3 // 4))
    for bits in _BITS:
        scaled = math.ldexp(size, bits - exponent)
        for rounded in (math.floor(scaled), math.ceil(scaled)):
            try:
                yield math.ldexp(rounded, exponent - bits)
            except OverflowError:
                # Rounding up the largest numbers of float64 leaves it.
                continue


def _significant_bits(x: float) -> int:
    numerator = abs(x).as_integer_ratio()[0]
    return (numerator // (numerator & -numerator)).bit_length()
