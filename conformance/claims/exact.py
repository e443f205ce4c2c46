"""Exact real numbers: intervals as narrow as a question needs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

from mpmath import libmp

from reference.remainder import from_fraction, to_fraction

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PRECISIONS: Final = (64, 256, 1024, 4096)
"""Working precisions, in bits, that are tried one after the other."""

AGREED: Final = 1000
"""Digits to which numbers agree that are called equal without a proof."""

_GUARD: Final = 64
_SHORT: Final = 80  # bits, some 24 digits
_LARGEST_EXPONENT: Final = 10_000


class ExactError(ValueError):
    """There is no such number; the message says why."""


@dataclass(frozen=True)
class Interval:
    """A real number between two rational ends, which are included."""

    low: Fraction
    high: Fraction

    def __add__(self, other: Interval) -> Interval:
        """Return the interval of all sums."""
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        """Return the interval of all opposites."""
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        """Return the interval of all differences."""
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        """Return the interval of all products."""
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        """Return the interval of all quotients.

        Raises:
            ExactError: If the divisor can be 0.
        """
        if other.low <= 0 <= other.high:
            msg = "a divisor must not be 0"
            raise ExactError(msg)
        return self * Interval(1 / other.high, 1 / other.low)

    def __abs__(self) -> Interval:
        """Return the interval of all absolute values."""
        if self.low >= 0:
            return self
        return (
            -self
            if self.high <= 0
            else Interval(Fraction(0), max(-self.low, self.high))
        )

    def exp(self, bits: int) -> Interval:
        """Return an interval of all exponentials.

        mpmath's function is trusted to 2**20 units in the last of `bits` + 64 bits, and
        its result widened by 2**−bits, relatively.

        Raises:
            ExactError: If the exponent is beyond ±10 000.
        """
        if max(-self.low, self.high) > _LARGEST_EXPONENT:
            msg = f"exp must be asked of at most ±{_LARGEST_EXPONENT}"
            raise ExactError(msg)
        if self.low == self.high == 0:
            return Interval(Fraction(1), Fraction(1))
        one, slack = Fraction(1), Fraction(1, 2**bits)
        return Interval(
            _call(libmp.mpf_exp, self.low, bits) * (one - slack),
            _call(libmp.mpf_exp, self.high, bits) * (one + slack),
        )

    def log(self, bits: int) -> Interval:
        """Return an interval of all natural logarithms; see `exp`.

        Raises:
            ExactError: If the argument can be 0 or less.
        """
        if self.low <= 0:
            msg = "log must be asked of what is above 0"
            raise ExactError(msg)
        if self.low == self.high == 1:
            return Interval(Fraction(0), Fraction(0))
        low, high = (_call(libmp.mpf_log, end, bits) for end in (self.low, self.high))
        # Arguments rounded to bits + 64 bits move the logarithm by that, absolutely.
        slack = Fraction(1, 2**bits)
        return Interval(low - slack * (1 + abs(low)), high + slack * (1 + abs(high)))


def _call(function: Callable[..., object], argument: Fraction, bits: int) -> Fraction:
    # Up to 10 000, an argument with that many more bits moves exp less than the slack.
    wide = bits + _GUARD
    return to_fraction(
        function(from_fraction(argument, wide), wide, libmp.round_nearest)
    )


@dataclass(frozen=True)
class Exact:
    """A real number that can be asked for any precision, or a special value.

    Attributes:
        at: Returns an interval that holds it, at a working precision in bits.
        special: nan or an infinity, if it is that.
    """

    at: Callable[[int], Interval]
    special: float | None = None

    def decide(self, ask: Callable[[Interval], T | None]) -> T | None:
        """Return the first answer that an interval decides; None if none does."""
        for bits in PRECISIONS:
            answer = ask(self.at(bits))
            if answer is not None:
                return answer
        return None

    @property
    def middle(self) -> Fraction:
        """A rational number within 2**−250 of it, relatively, or equal to it."""
        interval = self.at(PRECISIONS[1])
        return (interval.low + interval.high) / 2

    def describe(self) -> str:
        """Return it as a short fraction, or by its first digits."""
        if self.special is not None:
            return repr(self.special)
        interval = self.at(PRECISIONS[1])
        if interval.low == interval.high:
            return in_words(interval.low)
        return f"{significant(self.middle)}…"


def in_words(value: Fraction) -> str:
    """Return a rational number as a short fraction, or by its first digits."""
    # Python refuses to print thousands of digits, and nobody would read them.
    if value.numerator.bit_length() + value.denominator.bit_length() <= _SHORT:
        return str(value)
    return f"{significant(value)}…"


def significant(value: Fraction, digits: int = 12) -> str:
    """Return the first digits of a rational number."""
    return str(libmp.to_str(from_fraction(value, 256), digits))


def compare(left: Exact, right: Exact) -> int | None:
    """Return −1, 0 or 1 as left is below, at or above right.

    Two rational numbers are equal or not. Two others that agree as far as the largest
    precision reaches are not told apart: None.
    """
    for bits in PRECISIONS:
        a, b = left.at(bits), right.at(bits)
        if a.high < b.low:
            return -1
        if b.high < a.low:
            return 1
        if a.low == a.high == b.low == b.high:
            return 0
    return None


def agree(left: Exact, right: Exact) -> bool:
    """Say whether two numbers are the same in their first 1000 digits.

    Below 1 in magnitude these are decimal places.
    """
    if left.special is not None or right.special is not None:
        return False
    a, b = (one.at(PRECISIONS[-1]) for one in (left, right))
    spread = max(a.high, b.high) - min(a.low, b.low)
    return bool(spread * 10**AGREED <= max(Fraction(1), abs(a.low)))
