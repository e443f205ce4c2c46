r"""Reduction of the arguments of exp and log by multiples of C = ln 2 / 8192.

**Of t ≥ 0, for e^{−t}.** `minus_steps` finds an integer k close to t/C; with
r = t − kC and −k = 8192 n + j, 0 ≤ j < 8192,

.. math:: e^{-t} = 2^n \cdot 2^{j/8192} \, e^{-r}, \quad |r| \le 0.501\,C < 2^{-14.5}.

*k.* z = RN(M − RN(t · RN(1/C))) with M = 1.5 · 2**52 is an integer, since float64 has
spacing 1 there, and z − M = −k is exact, in floats and in the integers that their bits
are. t/C < 2**26, so the roundings before that of z move it by less than 2**−25: hence
0.501 in place of 1/2, also with a low word added.

*d = t − k C₁*, with C₁ the first part of C, is exact. The product is: k has 26 bits, C₁
27. For k = 0, d = t. For k ≥ 1, t ≥ 0.499 C > 2**−15; C₁ is a multiple of 2**−40, so d
is a multiple of q = min(ulp(t), 2**−40); and −2**53 q ≤ −2**−14 < −0.501 C ≤ d ≤ t,
with t ≤ 2**53 q if q = ulp(t), and d < 1 anyway. A multiple of q up to 2**53 q is a
float64.

**Of s ≥ 0, for log(1 + s).** `of_one_plus` finds an integer k ≥ 0 such that

.. math:: \log(1 + s) = kC + \log(1 + z), \qquad z = (1 + s) \, 2^{-k/8192} - 1,

is a split into a large and a small part. It is read off the leading bits of
w = RN(1 + s) = 2**n m, 1 ≤ m < 2: with i the first ten bits of the fraction of m,
k = 8192 n + K_i, where K_0 = 0, and 2**(K_i/8192) is the power next above the midpoint
of [1 + i/1024, 1 + (i + 1)/1024). So

* for n = i = 0: k = 0, and z = s < 2**−10.
* for i = 0, n ≥ 1: 0 ≤ log(1 + z) < 2**−10.
* for i ≥ 1: |log(1 + z)| ≤ 2**−11 + C < 2**−10.7 (half an interval, and one step).

For k > 0, where log(1 + s) ≥ log(1 + 2**−10) up to a factor 1 + 2u, it follows that
|log(1 + z)| ≤ 0.6 log(1 + s) and kC ≤ 1.6 log(1 + s): cancellation is mild.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from reference.fast.doubleword import two_sum
from reference.fast.powers import LOG2_STEPS, STEPS, STEPS_PER_UNIT, powers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reference.fast.doubleword import Floats, Pair

Integers: TypeAlias = "NDArray[np.int64]"

_INTEGERS: Final = 1.5 * 2.0**52  # M: adding it rounds to integers
_INTEGERS_BITS: Final = int(np.float64(_INTEGERS).view(np.int64))
_FRACTION_BITS: Final = 52
_BIAS: Final = 1023
_INDEX_BITS: Final = 10
_ONE: Final = np.array([1.0])


class Reduced(NamedTuple):
    """1 + s = w + e exactly, k, and 2**(−k/8192) as a double word."""

    w: Floats
    e: Floats
    k: Integers
    power: Floats
    power_low: Floats


def minus_steps(t: Floats, out: Floats) -> Integers:
    """Write −k to `out` and return it, of one dimension, for 0 ≤ t < 2**26 C."""
    np.multiply(t, -STEPS_PER_UNIT, out=out)
    out += _INTEGERS
    minus_k = out.view(np.int64) - _INTEGERS_BITS
    out -= _INTEGERS
    return minus_k


def scaled_power(minus_k: Integers) -> Floats:
    """Return 2**(−k/8192) to u, for normal results; −k is overwritten."""
    power = powers()[0].take(minus_k & (STEPS - 1), mode="wrap")
    # n = −k >> 13, added to the exponent field.
    minus_k &= -STEPS
    minus_k <<= _FRACTION_BITS - LOG2_STEPS
    bits = power.view(np.int64)
    bits += minus_k
    return power


def power_pair(minus_k: Integers) -> tuple[Pair, Integers]:
    """Return 2**(j/8192) as a double word, and n; −k is overwritten."""
    digits = minus_k & (STEPS - 1)
    minus_k >>= LOG2_STEPS
    high, low = (words.take(digits, mode="wrap") for words in powers())
    return (high, low), minus_k


def of_one_plus(s: Floats) -> Reduced:
    """Return the reduction of 1 + s, of one dimension, for 0 ≤ s ≤ 2**60."""
    w, e = two_sum(_ONE, s)
    bits = w.view(np.int64)
    index = bits >> (_FRACTION_BITS - _INDEX_BITS)
    index &= 2**_INDEX_BITS - 1
    k = bits >> _FRACTION_BITS
    k -= _BIAS
    k <<= LOG2_STEPS
    k += _steps_of_index().take(index, mode="wrap")
    (power, power_low), n = power_pair(-k)
    n += _BIAS
    n <<= _FRACTION_BITS
    scale = n.view(np.float64)  # 2**n
    power *= scale
    power_low *= scale
    return Reduced(w, e, k, power, power_low)


@cache
def _steps_of_index() -> Integers:
    """Return K_i for i = 0 … 1023."""
    size = 2**_INDEX_BITS
    midpoints = 1 + (np.arange(size) + 0.5) / size
    steps = np.searchsorted(powers()[0], midpoints).astype(np.int64)
    steps[0] = 0
    return steps
