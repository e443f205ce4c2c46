"""One exact value: a rational plus a transcendental remainder, or a special value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntFlag
from fractions import Fraction
from typing import TYPE_CHECKING

from reference.extended import Extended, is_finite
from reference.formats import exponent, power_of_two
from reference.remainder import NOTHING, ZERO, Mpf, Remainder, magnitude, to_fraction

if TYPE_CHECKING:
    from reference.formats import Format


class Admit(IntFlag):
    """Results that are admissible beside the required one, by class."""

    NOTHING = 0
    NAN = 1
    PLUS_INFINITY = 2
    MINUS_INFINITY = 4
    ZERO = 8
    FINITE = 16


@dataclass(frozen=True, slots=True)
class Element:
    """The exact value is `rational + t` with t in `remainder`, unless it is special.

    Attributes:
        rational: The rational part R, exact. Ignored if `special` is set.
        remainder: The transcendental part T.
        special: nan, inf or −inf where that is the required result.
        also: What a table of special values admits beside it.
    """

    rational: Fraction = Fraction(0)
    remainder: Remainder = NOTHING
    special: float | None = None
    also: Admit = Admit.NOTHING

    @property
    def is_rational(self) -> bool:
        """Is the exact value the rational part?"""
        return self.special is None and self.remainder == NOTHING

    def candidates(self, fmt: Format) -> tuple[float, float]:
        """Return the roundings of the two ends; equal if the rounding is decided."""
        if self.special is not None:
            return self.special, self.special
        low = fmt.round(_stand_in(self.rational, self.remainder.lower, fmt))
        if self.remainder.lower == self.remainder.upper:
            return low, low
        return low, fmt.round(_stand_in(self.rational, self.remainder.upper, fmt))

    def ends(self, finest: int) -> tuple[Fraction, Fraction]:
        """Return rational ends; a remainder below 2**finest counts as that, outward."""
        low = _outward(self.remainder.lower, finest, -1)
        high = _outward(self.remainder.upper, finest, 1)
        return self.rational + low, self.rational + high


def element(value: Extended, also: Admit = Admit.NOTHING) -> Element:
    """Return an extended number as an element."""
    if is_finite(value):
        return Element(Fraction(value), also=also)
    return Element(special=float(value), also=also)


def same_class(special: float, got: float) -> bool:
    """Say whether `got` is the special value required."""
    return math.isnan(got) if math.isnan(special) else got == special


def _stand_in(rational: Fraction, t: Mpf, fmt: Format) -> Fraction:
    """Return a number of moderate size that rounds as `rational + t` does.

    Let R lie in the binade of 2**B. All floats and midpoints of that binade and of the
    one below, and all subnormal ones, are multiples of q = 2**(max(B − 1, emin) − p),
    the half spacing of the lower; so is the threshold of overflow. R/q has some
    denominator d, so R is a multiple of q or at least q/d away from the nearest one:
    any t of one sign with 0 < |t| < q/d, whatever its size, leads to the same rounding.
    So e**−16777217 need not be added to 16777217 with 24 million bits.
    """
    if t == ZERO:
        return rational
    binade = exponent(rational) - 1 if rational else fmt.emin
    e = max(binade, fmt.emin) - fmt.precision
    d = (rational * power_of_two(-e)).denominator
    if magnitude(t) > e - d.bit_length() - 1:
        return rational + to_fraction(t)
    tiny = power_of_two(e - d.bit_length() - 1)
    return rational - tiny if t[0] else rational + tiny


def _outward(t: Mpf, finest: int, direction: int) -> Fraction:
    if t == ZERO or magnitude(t) > finest:
        return to_fraction(t)
    sign = -1 if t[0] else 1
    return direction * power_of_two(finest) if sign == direction else Fraction(0)
