"""Formats a second time: as the ordered line of their bit patterns.

Nothing is shared with `reference.formats`: a value is decoded from its bits, and
rounding is a search on the line followed by one exact comparison with a midpoint.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Line:
    """The values of a format in ascending order, by ordinal: 0 is zero.

    Attributes:
        name: IEEE 754's name.
        dtype: The data type's name.
        width: Bits in all.
        stored: Bits of the significand that are stored.
    """

    name: str
    dtype: str
    width: int
    stored: int

    @property
    def infinity(self) -> int:
        """The ordinal of infinity; what it would be worth is 2**(emax + 1)."""
        return ((1 << self.width - 1 - self.stored) - 1) << self.stored

    def value(self, ordinal: int) -> Fraction:
        """Return the exact value of an ordinal."""
        bias = (1 << self.width - 2 - self.stored) - 1
        biased, field = divmod(ordinal, 1 << self.stored)
        hidden = 1 << self.stored if biased else 0
        return (hidden + field) * Fraction(2) ** (max(biased, 1) - bias - self.stored)

    def number(self, ordinal: int) -> float:
        """Return the value of an ordinal as a float."""
        return math.inf if ordinal >= self.infinity else float(self.value(ordinal))

    def nearest(self, exact: Fraction) -> float:
        """Return the value nearest to `exact`, ties to the even ordinal."""
        size, low, high = abs(exact), 0, self.infinity
        if size >= self.value(high):
            return -math.inf if exact < 0 else math.inf
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.value(middle) <= size else (low, middle)
        below, above = size - self.value(low), self.value(high) - size
        up = above < below or (above == below and low % 2 == 1)
        result = self.number(high if up else low)
        return -result if exact < 0 else result

    def rounded(self, man: int, power: int) -> float:
        """Return the value nearest to man · 2**power, ties to even, by shifting.

        As `nearest`, with the sign of zero, and quick for integers of any size.
        """
        size, sign = abs(man), -1.0 if man < 0 else 1.0
        least = 2 - (1 << self.width - 2 - self.stored)
        binade = size.bit_length() - 1 + power
        if not size or binade < least - self.stored - 1:
            return sign * 0.0
        if binade > 1 - least:
            return sign * math.inf
        last = max(binade, least) - self.stored
        if last <= power:
            return sign * math.ldexp(size << power - last, last)
        kept, half = size >> last - power, 1 << last - power - 1
        rest = size & 2 * half - 1
        kept += rest > half or (rest == half and kept & 1)
        # The largest power of two is that of infinity where the significand carries.
        if kept.bit_length() + last > 2 - least:
            return sign * math.inf
        return sign * math.ldexp(kept, last)

    def rounded_fraction(self, exact: Fraction) -> float:
        """Return the value nearest to a rational, by `rounded`.

        Its quotient is cut off far below the last place, and its last bit is set where
        something was cut off: then the part cut off is neither lost nor a tie.
        """
        n, d = abs(exact.numerator), exact.denominator
        shift = max(d.bit_length() - n.bit_length() + 80, 0)
        quotient, rest = divmod(n << shift, d)
        quotient |= bool(rest)
        return self.rounded(-quotient if exact < 0 else quotient, -shift)


BINARY16: Final = Line("binary16", "float16", 16, 10)
BFLOAT16: Final = Line("bfloat16", "bfloat16", 16, 7)
BINARY32: Final = Line("binary32", "float32", 32, 23)
BINARY64: Final = Line("binary64", "float64", 64, 52)
LINES: Final = (BINARY16, BFLOAT16, BINARY32, BINARY64)


def directed(line: Line) -> list[int]:
    """Return ordinals around zero, powers of two and the largest number."""
    binades = range(0, line.infinity, 1 << max(line.stored, line.width - 9))
    subnormal = [1 << k for k in range(line.stored)]
    near = [o + d for o in (*binades, *subnormal) for d in (-2, -1, 0, 1)]
    top = [line.infinity - d for d in (1, 2, 3)]
    return sorted({o for o in (0, *near, *top) if 0 <= o < line.infinity})


def around(
    line: Line, ordinal: int, steps: tuple[Fraction, ...]
) -> Iterator[tuple[Fraction, int]]:
    """Yield numbers between two neighbours, with the ordinal that each rounds to."""
    low, high = line.value(ordinal), line.value(ordinal + 1)
    middle = (low + high) / 2
    yield low, ordinal
    yield middle, ordinal + ordinal % 2
    for step in steps:
        yield middle * (1 - step), ordinal
        yield middle * (1 + step), ordinal + 1


lines = st.sampled_from(LINES)


def floats_of(line: Line) -> st.SearchStrategy[float]:
    """Return finite floats of a format, drawn by their bits: any size, any sign."""
    patterns = st.tuples(st.booleans(), st.integers(0, line.infinity - 1))
    return st.one_of(
        patterns.map(lambda p: -line.number(p[1]) if p[0] else line.number(p[1])),
        st.integers(-8, 8).map(lambda n: n / 4),
        st.integers(0, 3).map(line.number),
        st.integers(1, 3).map(lambda n: line.number(line.infinity - n)),
    )
