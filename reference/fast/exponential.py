r"""exp(−t) for t ≥ 0: in float64, and in double words.

Both take the reduction e^{−t} = 2**n T e^{−r} of `reference.fast.reduction`, with
T = 2**(j/8192) and |r| < 2**−14.5, and use u = 2**−53. Quantities that underflow here
are added to 1 in the end: they err by less than 2**−1000.

**Plain.**

* r: the first difference is exact. k times the rest of C is below 2**−17, its errors
  (the constant's, the product's) below 2**−69; the addition is rounded at |r|: in all
  2**−67.
* p = e^{−r} − 1 by its Taylor polynomial of degree 3, with a remainder of at most
  r⁴/24 · e^{|r|} < 2**−62.5. Its last two operations are rounded at |p| < 2**−14.4, the
  others count for r² < 2**−29: in all 2**−66.
* T is rounded once (u), T p at 2**−14.4 T (2**−67 T), and T + T p once (u).

Sum: 2u + 2**−62.5 + 2**−65 < 2u (1 + 2**−10), `EXP`.

**Pair.** `_rest` and `_expm1` find r within 2**−116, and from that e^{−r} − 1 = y +
y_low within 1.14 · 2**−96. In T (1 + y), with errors relative to T: T y is exact; T's
low word is added to two smaller terms, to the error of T y and to that of T + T y
(2**−106, 2**−106, 2**−105); y_low T and y times T's low word add 2**−117, and T itself
2**−106. Sum, with e^{−r} > 1 − 2**−14: less than 1.25 · 2**−96, `EXP_PAIR`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reference.fast.doubleword import fast_two_sum, two_product, two_sum
from reference.fast.powers import STEP_FIRST, STEP_PARTS, STEP_REST
from reference.fast.reduction import minus_steps, power_pair, scaled_power

if TYPE_CHECKING:
    from reference.fast.doubleword import Floats, Pair
    from reference.fast.reduction import Integers

EXP: Final = 2.0**-52 * (1 + 2.0**-10)
"""Relative error of `exp_minus` up to `LIMIT`."""
LIMIT: Final = 277.5
"""Where `exp_minus` stops: e**−277.5 is 2**−400.35."""
FLOOR: Final = 2.0**-400
"""What `exp_minus` returns beyond `LIMIT`: an upper bound of the truth."""
SMALLEST: Final = 2.0**-401
"""Every result of `exp_minus` is at least this, or 0 at infinity."""

EXP_PAIR: Final = 1.25 * 2.0**-96
"""Relative error of `exp_minus_pair` up to `PAIR_LIMIT`."""
PAIR_LIMIT: Final = 3000.0
"""Where `exp_minus_pair` stops: e**−3000 is 2**−4328.08."""
PAIR_FLOOR_EXPONENT: Final = -4328
"""The n that `exp_minus_pair` returns beyond `PAIR_LIMIT`: 2**n is above the truth."""

_HEAD: Final = 1.5 * 2.0**12  # adding it rounds to multiples of 2**−40


def exp_minus(t: Floats) -> Floats:
    """Return e**−t, elementwise.

    Args:
        t: Any shape, float64, ≥ 0, infinity included, no nan; best C-contiguous, and of
            a size that fits a cache ten times.

    Returns:
        Of t's shape: the truth to a relative `EXP` for t ≤ `LIMIT`, `FLOOR` beyond,
        exactly 1 at 0 and exactly 0 at infinity.
    """
    result = _exp_minus(t.reshape(-1)).reshape(t.shape)
    if t.max(initial=0.0) > LIMIT:
        np.copyto(result, FLOOR, where=t > LIMIT)
        np.copyto(result, 0.0, where=np.isinf(t))
    return result


def exp_minus_pair(hi: Floats, lo: Floats) -> tuple[Floats, Floats, Integers]:
    """Return (s_hi, s_lo, n), elementwise, with e**−(hi + lo) = (s_hi + s_lo) 2**n.

    Args:
        hi: High words of t ≥ 0, any shape, infinity included, no nan.
        lo: Low words, |lo| ≤ ulp(hi)/2; 0 where hi is infinite.

    Returns:
        Arrays of the shape of `hi`; s is a double word in [0.99, 2.01], n an int64.
        For hi ≤ `PAIR_LIMIT` the relative error is at most `EXP_PAIR`. Beyond, s = 1
        and n = `PAIR_FLOOR_EXPONENT`, and the truth is in (0, 2**n]. At t = 0 the
        answer is exactly (1, 0, 0); at infinity s = 0.
    """
    shape, hi, lo = hi.shape, hi.reshape(-1), lo.reshape(-1)
    far = hi > PAIR_LIMIT
    if far.any():
        result = _exp_minus_pair(np.where(far, 0.0, hi), np.where(far, 0.0, lo))
        np.copyto(result[0], 0.0, where=np.isinf(hi))
        np.copyto(result[2], PAIR_FLOOR_EXPONENT, where=far)
    else:
        result = _exp_minus_pair(hi, lo)
    high, low, n = result
    return high.reshape(shape), low.reshape(shape), n.reshape(shape)


def _exp_minus(t: Floats) -> Floats:
    """Return e**−min(t, LIMIT), of one dimension."""
    # One block: allocators keep that, where they return many small arrays at once.
    r, steps, p = np.empty((3, t.size))
    np.minimum(t, LIMIT, out=r)
    power = scaled_power(minus_steps(r, out=steps))
    np.multiply(steps, STEP_FIRST, out=p)
    r += p
    steps *= STEP_REST
    r += steps
    np.multiply(r, -1 / 6, out=p)
    p += 0.5
    p *= r
    p -= 1.0
    p *= r
    p *= power
    power += p
    return power


def _exp_minus_pair(hi: Floats, lo: Floats) -> tuple[Floats, Floats, Integers]:
    """Return what `exp_minus_pair` does, of one dimension, for hi ≤ PAIR_LIMIT."""
    steps = np.empty_like(hi)
    (power, power_low), n = power_pair(minus_steps(hi, out=steps))
    y, y_low = _expm1(*_rest(hi, lo, steps))
    # T + T y, smallest terms first.
    product, error = two_product(power, y)
    y_low *= power
    y *= power_low
    y_low += y
    power_low += y_low
    error += power_low
    high, low = fast_two_sum(power, product)
    low += error
    high, low = fast_two_sum(high, low)
    return high, low, n


def _rest(hi: Floats, lo: Floats, minus_k: Floats) -> Pair:
    """Return r = hi + lo − kC within 2**−116, as a double word.

    The products of k with the first three parts of C are exact, and so is the first
    difference. After each further addition the sum is r up to 2**−41, below 2**−14 in
    magnitude, so each error is at most 2**−68; k times the last part is too. These
    four, of sum at most 2**−66, are added with three roundings, at most 3 · 2**−119.
    `fast_two_sum` is exact but where the sum is below 2**−66, and errs by at most
    2**−118 there. Its low word is at most 2**−68.
    """
    high = minus_k * STEP_PARTS[0]
    high += hi
    high, low = two_sum(high, minus_k * STEP_PARTS[1])
    high, error = two_sum(high, minus_k * STEP_PARTS[2])
    low += error
    high, error = two_sum(high, lo)
    low += error
    low += minus_k * STEP_PARTS[3]
    return fast_two_sum(high, low)


def _expm1(r: Floats, r_low: Floats) -> Pair:
    """Return e**−(r + r_low) − 1 within 1.14 · 2**−96, as a double word.

    Let g be r rounded to a multiple of 2**−40 and f the rest of r + r_low, |f| ≤ 2**−41
    (rounded, within 2**−94). With c(r) the terms of degree 3 to 6,

        e**−r − 1 = −r + g²/2 + [f (g + f/2) − r_low + c(r)].

    * g² is exact: g is at most 2**26 multiples of 2**−40. Where |r| ≤ 2**−41, g = 0;
      else |g| ≤ 2 |r| and g²/2 ≤ |r|: so `fast_two_sum` is exact.
    * f (g + f/2) < 2**−55.4, with three roundings and f's error: within 2**−107.
    * c: at most r³/6 < 2**−46.15, with eight errors of u: the rounding of 1/6, of the
      sum that it starts, of three products, and thrice that of r_low ≤ u |r|, which is
      left out. What higher terms contribute is below 2**−110, as is the remainder.
    * The bracket's sums are rounded at 2**−46 twice: within 2**−98.1.
    """
    head = r + _HEAD
    head -= _HEAD
    f = r - head
    f += r_low
    cross = f * 0.5
    cross += head
    cross *= f
    cubic = _cubic(r)
    cubic += cross
    head *= head
    head *= 0.5
    high, low = fast_two_sum(-r, head)
    low -= r_low
    low += cubic
    return fast_two_sum(high, low)


def _cubic(r: Floats) -> Floats:
    """Return −r³/6 + r⁴/24 − r⁵/120 + r⁶/720."""
    value = r * (1 / 720)
    value -= 1 / 120
    value *= r
    value += 1 / 24
    value *= r
    value -= 1 / 6
    value *= r
    value *= r * r
    return value
