r"""Relative intervals for the transcendental part of an exact value.

Numbers here are raw mpmath values `(sign, man, exp, bc)` from `mpmath.libmp`, which
take the precision as an argument: no global or shared context is read or changed, and
the exponent has no limit, so exp(−1e308) is an ordinary number.

**Trust.** Sums, products and quotients of libmp are correctly rounded: to w bits, each
is off by ω/2 at most, relatively, where ω = 2**(1 − w). `mpf_exp` and `mpf_log` are
trusted to F = 2**20 units ω only, although 0.5005 is the most that was seen.

**A-priori bound.** Every quantity is built from positive numbers by +, ×, ÷, exp and
log, so relative errors add up at worst, and nothing cancels. With w = P + 32 + b bits,
where 2**b is above the number n of addends of each sum, these are the steps, in units
of ω and to first order (k ≥ 1 and counts are integers, hence exact):

=======================  ===========================================  ================
quantity                 error of the step                            error altogether
=======================  ===========================================  ================
e^−t, t = gap > 0        F; 1/4 for t, where it is not dyadic         F + 1/4
s = Σ count · e^−t       1/2 a product, (n − 1)/2 for the sum         σ = F + 3/4 + n/2
log(1 + s), k = 1        1 + s is exact; condition ≤ 1; F             σ + F
log(k + s), k ≥ 2        1/2 for k + s; condition ≤ 1.45; F           1.45 (σ + 1/2) + F
Σ κ log S                1/2 for κ, 1/2 a product, (n − 1)/2          2.45 F + 4 + 1.3 n
κ e^−t / S, κ s / (k S)  σ + 1/2 for either of numerator and S, 1/2   2 F + 4 + n
                         each for quotient, κ and product
=======================  ===========================================  ================

Conditions: the relative error of a function f of s is that of s times s f'(s)/f(s). For
log(1 + s) this is s/((1 + s) log(1 + s)) ≤ 1, because log(1 + s) ≥ s/(1 + s). For
log(k + s), relative to k + s ≥ 2, it is 1/log(k + s) ≤ 1/log 2 < 1.45. For s < 2**−w, s
stands for log(1 + s): as s − s²/2 < log(1 + s) < s, that is 1/4 unit.

The worst row is the fifth. As b ≥ 1 and n < 2**b, it is below
(2.45 · 2**(20 − b) + 2 + 1.3) 2**(−P − 31) < 2**(−P − 10). With products of (1 + error)
in place of their first-order sum it at most doubles (it is far below 1/2):

    |computed − exact| ≤ 2**(−P − 9) |exact|.

`widen` goes 2**−P to either side, rounding outward: 512 times as far. The bound is that
much below for want of a reason to be nearer, and is itself some 2**22 times what is
measured, because exp and log are a million times better than they are trusted to be.
With functions made as bad as that the measured error is a ninth of the bound.
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
    and two: with gap < 2**(extra − 1) it is off by less than 2**(−wp − 1) in absolute
    terms, and exp(−gap) by a quarter of a unit 2**(1 − wp) in relative ones.
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
