r"""Relative intervals for the transcendental part of an exact value.

Numbers here are raw mpmath values `(sign, man, exp, bc)` from `mpmath.libmp`, which
take the precision as an argument: no global or shared context is read or changed, and
the exponent has no limit, so exp(−1e308) is an ordinary number.

**Trust.** Sums, products and quotients of libmp are correctly rounded. `mpf_exp` and
`mpf_log` are trusted to 2**20 ulp only, although 0.5005 ulp is the most that was seen.

**A-priori bound.** Every quantity below is built from positive numbers by +, ×, ÷, exp
and log1p, so relative errors add up at worst and nothing cancels (the condition number
of log1p on s ≥ 0 is at most 1, that of log on [2, ∞) at most 1.45). With
`wp = P + 32 + b` working bits, where 2**b is at least the number of addends, a sum of
exponentials has relative error at most (2**20 + 2**b + 2) 2**(1 − wp), and what is made
of it here adds at most 2**21 + 8 further units: together below
2**(24 + b) 2**(1 − wp) ≤ 2**(−P − 7). Widening by 2**−P on either side therefore gives
an enclosure with bits to spare.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mpmath import libmp

if TYPE_CHECKING:
    from collections.abc import Iterable

Mpf = Any  # mpmath ships no types: (sign, man, exp, bc), man an int or a gmpy2.mpz

GUARD_BITS = 32
ZERO: Mpf = libmp.fzero


@dataclass(frozen=True, slots=True)
class Remainder:
    """The transcendental part lies in `[lower, upper]`, ends included."""

    lower: Mpf = ZERO
    upper: Mpf = ZERO

    @property
    def sign(self) -> int | None:
        """−1, 0 or 1 where the interval knows it, else None."""
        low, high = libmp.mpf_sign(self.lower), libmp.mpf_sign(self.upper)
        return low if low == high else None


NOTHING = Remainder()


def from_fraction(value: Fraction, precision: int) -> Mpf:
    """Return `value`, exactly if it is dyadic, else rounded to `precision` bits."""
    d = value.denominator
    if d & (d - 1) == 0:
        return libmp.from_man_exp(value.numerator, 1 - d.bit_length())
    return libmp.from_rational(value.numerator, d, precision, libmp.round_nearest)


def to_fraction(value: Mpf) -> Fraction:
    """Return an mpmath value as a Fraction; only for exponents of moderate size."""
    sign, man, exp, _ = value
    numerator = int(-man if sign else man)
    if exp >= 0:
        return Fraction(numerator << int(exp))
    return Fraction(numerator, 1 << int(-exp))


def magnitude(value: Mpf) -> int:
    """Return e with 2**(e−1) ≤ |value| < 2**e, for value ≠ 0."""
    return int(value[2] + value[3])


def exp_negative(gap: Fraction, wp: int) -> Mpf:
    """Return exp(−gap) for gap ≥ 0 to `wp` bits, up to the trusted 2**20 ulp.

    A gap that is not dyadic is rounded with as many extra bits as its integer part has,
    so that its error moves the result by less than one ulp.
    """
    extra = max(gap.numerator.bit_length() - gap.denominator.bit_length(), 0) + 2
    argument = libmp.mpf_neg(from_fraction(gap, wp + extra))
    return libmp.mpf_exp(argument, wp, libmp.round_nearest)


def log_sum(largest: int, rest: Mpf, wp: int) -> Mpf:
    """Return log(k + s) for k ≥ 1 equal largest terms and the rest s ≥ 0, relative.

    For k = 1 it is log1p(s): below 2**−wp it is s to `wp` bits, since
    s − s²/2 < log1p(s) < s; above, 1 + s is formed without rounding.
    """
    if largest > 1:
        total = libmp.mpf_add(libmp.from_int(largest), rest, wp, libmp.round_nearest)
        return libmp.mpf_log(total, wp, libmp.round_nearest)
    if rest == ZERO or magnitude(rest) < -wp:
        return rest
    return libmp.mpf_log(libmp.mpf_add(libmp.fone, rest), wp, libmp.round_nearest)


def add_up(terms: Iterable[Mpf], wp: int) -> Mpf:
    """Return the sum of nonnegative terms, one rounding each."""
    result = ZERO
    for term in terms:
        result = libmp.mpf_add(result, term, wp, libmp.round_nearest)
    return result


def widen(value: Mpf, precision: int) -> Remainder:
    """Return [value (1 − 2**−P), value (1 + 2**−P)] for value ≥ 0."""
    slack = libmp.mpf_shift(value, -precision)
    bits = precision + GUARD_BITS
    return Remainder(
        libmp.mpf_sub(value, slack, bits, libmp.round_down),
        libmp.mpf_add(value, slack, bits, libmp.round_up),
    )


def difference(plus: Mpf, minus: Mpf, precision: int) -> Remainder:
    """Return an enclosure of plus − minus, each ≥ 0 and known to 2**−P relatively.

    The sign is unknown where the two cancel further than the precision reaches.
    """
    a, b = widen(plus, precision), widen(minus, precision)
    bits = precision + GUARD_BITS
    return Remainder(
        libmp.mpf_sub(a.lower, b.upper, bits, libmp.round_floor),
        libmp.mpf_sub(a.upper, b.lower, bits, libmp.round_ceiling),
    )
