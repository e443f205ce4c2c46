r"""log(1 + s) for s ≥ 0, to a relative error: in float64, and in double words.

Both take the reduction log(1 + s) = kC + log(1 + z) of `reference.fast.reduction`. With
L = log(1 + s), |log(1 + z)| ≤ 0.6 L for k > 0, and |z| < 2**−10 (1 + 2**−9). z is found
from 1 + s = w + e and T = 2**(−k/8192) as w T − 1 + e T: w T = p + p_low by
`two_product`, and p − 1 is exact, since p is within a factor 2 of 1. For k = 0, T is 1
and nothing is rounded: (w − 1) + e is s, so no accuracy is lost however small s is (in
double words s is taken as it is). Products that underflow where s is tiny are added to
1 or to s, and err by less than 2**−1070. Let u = 2**−53.

**Plain**, relative to L:

* z, for k > 0: the last addition is rounded at |z|, the others at 2**−52, and T errs by
  2**−106: in all u |z| + 2**−102, where 2**−102 < 2**−91 L.
* log(1 + z) = z − z²/2 + … − z⁶/6, with a remainder below 2**−62.7 |z|. One addition is
  rounded at |z|, three operations at z²/2: in all (1 + 2**−8) u |z|.
* kC: the first part of C times k is exact; the rest, below 2**−25 L, is added to
  log(1 + z): one rounding at 0.6 L. The final addition: one rounding.

Sum: u (0.6 + 0.6 + 0.6 + 1) (1 + 2**−7) < 3u, `LOG1P`; for k = 0 less than 1.1 u.

**Pair.** `_rest` and `_log_near_one` find z within 2**−102.09 (exactly for k = 0) and
log(1 + z) within a relative 2**−96.2. For k > 0, z's error is at most 2**−102.08/L,
below 2**−92.07; log(1 + z)'s 0.6 · 2**−96.2; kC's 1.6 · 3u²; that of the final sum
3.1u². Sum: less than 0.99 · 2**−92, `LOG1P_PAIR`; for k = 0 less than 2**−96.1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from reference.fast.doubleword import (
    add,
    add_float,
    divide,
    from_fraction,
    multiply,
    multiply_float,
    two_product,
    two_sum,
)
from reference.fast.powers import STEP, STEP_FIRST, STEP_LOW, STEP_REST
from reference.fast.reduction import of_one_plus

if TYPE_CHECKING:
    from reference.fast.doubleword import Floats, Pair
    from reference.fast.reduction import Reduced

LOG1P: Final = 3 * 2.0**-53
"""Relative error of `log1p`."""
LOG1P_PAIR: Final = 2.0**-92
"""Relative error of `log1p_pair`."""
LARGEST: Final = 2.0**60
"""Both functions take s up to this."""


def _constant(hi: float, lo: float) -> Pair:
    """Return a double word of shape (1,), which goes with every one-dimensional one."""
    return np.array([hi]), np.array([lo])


_TWO: Final = np.array([2.0])
_THIRD: Final = _constant(*from_fraction(Fraction(1, 3)))
_STEP: Final = _constant(STEP, STEP_LOW)


def log1p(s: Floats) -> Floats:
    """Return log(1 + s), elementwise, to a relative `LOG1P`; exactly 0 at 0.

    Args:
        s: Any shape, float64; 0, or in [2**−1000, `LARGEST`].
    """
    w, e, k, power, power_low = of_one_plus(s.reshape(-1))
    z, low = two_product(w, power)
    z -= 1.0
    power_low *= w
    power *= e
    power_low += power
    low += power_low
    z += low
    steps = k.astype(np.float64)
    result = _polynomial(z)
    result += steps * STEP_REST
    result += steps * STEP_FIRST
    return result.reshape(s.shape)


def log1p_pair(hi: Floats, lo: Floats) -> Pair:
    """Return log(1 + hi + lo), elementwise, to a relative `LOG1P_PAIR`; (0, 0) at 0.

    Args:
        hi: High words, any shape; 0, or in [2**−900, `LARGEST`].
        lo: Low words, |lo| ≤ ulp(hi)/2.
    """
    flat, flat_low = hi.reshape(-1), lo.reshape(-1)
    reduced = of_one_plus(flat)
    z, z_low = _rest(reduced, flat_low)
    unreduced = reduced.k == 0
    np.copyto(z, flat, where=unreduced)
    np.copyto(z_low, flat_low, where=unreduced)
    multiple = multiply_float(_STEP, reduced.k.astype(np.float64))
    high, low = add(multiple, _log_near_one(z, z_low))
    return high.reshape(hi.shape), low.reshape(hi.shape)


def _polynomial(z: Floats) -> Floats:
    """Return z − z²/2 + z³/3 − z⁴/4 + z⁵/5 − z⁶/6."""
    value = z * (-1 / 6)
    value += 1 / 5
    value *= z
    value -= 1 / 4
    value *= z
    value += 1 / 3
    value *= z
    value -= 1 / 2
    value *= z * z
    value += z
    return value


def _rest(reduced: Reduced, lo: Floats) -> Pair:
    """Return z = (w + e + lo) T − 1 within 2**−102.09, as a double word, for k > 0.

    Relative to w T, which is within 2**−9 of 1: e + lo is at most 2**−52 and rounded
    (2**−105). Of (w + e + lo)(T + T_low), the product of the small terms is left out
    (2**−105), w T is exact, w T_low rounded at 2**−53 (2**−106), (e + lo) T at 2**−52
    (2**−105), their sum at 3 · 2**−53 (3 · 2**−106), and the sum of that and of the low
    word of w T at 2**−51 (2**−104). T errs by 2**−106. Sum: 15 · 2**−106, with the
    factor 1 + 2**−9 below 2**−102.09.
    """
    w, e, _, power, power_low = reduced
    z, low = two_product(w, power)
    z -= 1.0
    power_low *= w
    power_low += (e + lo) * power
    low += power_low
    return two_sum(z, low)


def _log_near_one(z: Floats, z_low: Floats) -> Pair:
    """Return log(1 + z + z_low) to a relative 2**−96.2, for z in the module's range.

    With a = z/(2 + z), so that |a| < 2**−10.99, and v = a² < 2**−21.9,

        log(1 + z) = 2a (1 + v/3 + v²/5 + v³/7 + v⁴/9 + …),

    whose rest is below 2**−112. Relative to the result: 2 + z and the quotient err by
    17.1u², the last sum by 3u². The terms from v² on, below 2**−46.1, are found in
    float64 with seven errors of u at most (1/5 and the sum it starts, two products, v²
    by the high word of v, and 2**−20 of the same from higher terms): 2**−96.3. What
    multiplies v/3 < 2**−23.4 errs by 70u² in all. Sum: below 2**−96.2.
    """
    a = divide((z, z_low), add_float((z, z_low), _TWO))
    v = multiply(a, a)
    tail = v[0] * (1 / 9)
    tail += 1 / 7
    tail *= v[0]
    tail += 1 / 5
    tail *= v[0]
    tail *= v[0]
    third = multiply(v, _THIRD)
    twice = (a[0] * 2.0, a[1] * 2.0)
    return add(twice, multiply(twice, add_float(third, tail)))
