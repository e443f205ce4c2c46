"""The fields that the second sources compute in, and exact views of their numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import mpmath
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TINY: Final = Fraction(1, 2**3000)
"""Far below every format: what is smaller is known by its sign."""


class MpmathField:
    """mpmath's numbers, in a context of its own."""

    def __init__(self, precision: int) -> None:
        """Compute with `precision` bits."""
        self.context = mpmath.MPContext()
        self.context.prec = precision
        self.exp = self.context.exp
        self.log = self.context.log

    def of(self, value: Fraction) -> Any:
        """Return a rational, rounded to the precision."""
        return self.context.mpf(value.numerator) / value.denominator

    def fraction(self, value: Any) -> Fraction:
        """Return a number exactly."""
        return exact(self.context.convert(value))


class ArbField:
    """Balls of Arb: every number carries a proved radius."""

    def __init__(self, flint: Any) -> None:
        """Compute at the precision of flint's context."""
        self.flint = flint

    def of(self, value: Fraction) -> Any:
        """Return a ball around a rational."""
        return self.flint.arb(self.flint.fmpq(value.numerator, value.denominator))

    def exp(self, value: Any) -> Any:
        """Return e**value."""
        return value.exp()

    def log(self, value: Any) -> Any:
        """Return the natural logarithm."""
        return value.log()

    def ball(self, end: Any) -> Any:
        """Return an end of an enclosure as a ball."""
        return self.of(end) if isinstance(end, Fraction) else self.flint.arb(end)

    def ends(self, ball: Any) -> tuple[Fraction, Fraction]:
        """Return the ends of a ball, rounded outward to `TINY`."""
        low, high = self._exact(ball.lower(), -1), self._exact(ball.upper(), 1)
        return low, high

    def _exact(self, point: Any, direction: int) -> Fraction:
        return outward(*map(int, point.man_exp()), direction)


def arb_field(precision: int) -> Iterator[ArbField]:
    """Yield Arb's field at a precision, or skip where there is none."""
    flint = pytest.importorskip("flint")
    with flint.ctx.workprec(precision):
        yield ArbField(flint)


def outward(man: int, exponent: int, direction: int) -> Fraction:
    """Return man · 2**exponent exactly, or below `TINY` the next of 0 and ±`TINY`."""
    if man and man.bit_length() + exponent < -3000:
        return direction * TINY if (man > 0) == (direction > 0) else Fraction(0)
    return Fraction(man) * Fraction(2) ** exponent


def end_of(number: Any, direction: int) -> Fraction:
    """Return an end of an enclosure as a Fraction of moderate size, outward."""
    if isinstance(number, Fraction):
        return number
    sign, man, exponent, _ = number._mpf_
    return outward(int(-man if sign else man), int(exponent), direction)


def exact(number: Any) -> Fraction:
    """Return an mpmath number or a Fraction as a Fraction."""
    if isinstance(number, Fraction):
        return number
    sign, man, exponent, _ = number._mpf_
    return Fraction(int(-man if sign else man)) * Fraction(2) ** int(exponent)
