r"""Double-word arithmetic: a number as the unevaluated sum of two float64 arrays.

A *double word* is a pair (x_hi, x_lo) with x_hi = RN(x_hi + x_lo), so that
|x_lo| ≤ ulp(x_hi)/2 ≤ u |x_hi|, where RN rounds to nearest, ties to even, and
u = 2**−53. Every function takes float64 arrays of one shape (scalars, or arrays of
shape (1,), may stand beside them), returns new arrays and modifies nothing. Nothing but
correctly rounded +, −, × and ÷ is used, and no fused multiply-add.

**Source** of the algorithms (by number) and of their bounds: M. Joldes, J.-M. Muller,
V. Popescu, "Tight and rigorous error bounds for basic building blocks of double-word
arithmetic", ACM Transactions on Mathematical Software 44(2), 2017. The bounds hold
without overflow and where no error term underflows; the functions say what suffices.
Each follows, up to a unit or two of u², from adding up the roundings:

* ``add_positive``: with m = x_hi + y_hi, the sum of the low words is rounded at ≤ u m
  (error u² m), then added to the rounding error of m, together ≤ 2 u m (error 2 u² m).
* ``multiply``: with m = |x_hi y_hi|, x_lo y_lo is dropped (u² m), two products ≤ u m
  are rounded (2 u² m), their sum ≤ 2 u m (2 u² m), and the sum of that and of the
  error ≤ u m of the leading product (3 u² m): 8 u², where the article's finer count
  has 7.
* ``divide``: t = RN(x_hi/y_hi) leaves a remainder |x − y t| ≤ 3 u |x|. It is found with
  the error of y t (1.5 u² |x|), of the difference of low words (2 u² |x|) and of
  their sum (3 u² |x|), then divided by y_hi in place of y (3 u²) and rounded (3 u²):
  12.5 u² up to O(u³), within the article's 15 u² + 56 u³.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from reference.formats import BINARY64, power_of_two

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"
Pair: TypeAlias = "tuple[Floats, Floats]"

UNIT: Final = 2.0**-53
"""u, the largest relative error of one rounding of binary64."""

ADD_POSITIVE: Final = 3 * UNIT**2
"""Relative error of `add_positive`: Algorithm 5."""
ADD: Final = 3 * UNIT**2 * (1 + 2.0**-50)
"""Relative error of `add`: 3u² + 13u³, Algorithm 6."""
ADD_FLOAT: Final = 2 * UNIT**2
"""Relative error of `add_float`: Algorithm 4."""
MULTIPLY: Final = 7 * UNIT**2
"""Relative error of `multiply`: Algorithm 10."""
MULTIPLY_FLOAT: Final = 1.5 * UNIT**2 * (1 + 2.0**-50)
"""Relative error of `multiply_float`: 1.5u² + 4u³, Algorithm 7."""
DIVIDE: Final = 15 * UNIT**2 * (1 + 2.0**-49)
"""Relative error of `divide`: 15u² + 56u³, Algorithm 17."""
FROM_FRACTION: Final = UNIT**2
"""Relative error of `from_fraction`: the rounding of a rest ≤ u |x|."""

LARGEST_FACTOR: Final = 2.0**996
"""Factors of `two_product` stay below it: 2**27 + 1 times a factor must be finite."""
SMALLEST_PRODUCT: Final = 2.0**-969
"""Products stay above it, or are 0: their errors are multiples of 2**−1074 then."""

_SPLITTER: Final = 2.0**27 + 1
_FRACTION_RANGE: Final = (-900, 1000)


def two_sum(a: Floats, b: Floats) -> Pair:
    """Return (RN(a + b), the error), whose sum is a + b exactly.

    Needs a + b below the overflow threshold; underflow does no harm. Algorithm 2.
    """
    total = a + b
    of_b = total - a
    of_a = total - of_b
    of_a -= a
    error = b - of_b
    error -= of_a
    return total, error


def fast_two_sum(a: Floats, b: Floats) -> Pair:
    """Return (RN(a + b), the error) for |a| ≥ |b| or a = 0; see `two_sum`.

    Algorithm 1.
    """
    total = a + b
    of_b = total - a
    return total, b - of_b


def two_product(a: Floats, b: Floats) -> Pair:
    """Return (RN(a b), the error), whose sum is a b exactly.

    Needs |a| and |b| below `LARGEST_FACTOR` and a b = 0 or |a b| ≥ `SMALLEST_PRODUCT`;
    a product that is smaller has an error of at most 2**−1070 in all. Each factor is
    split into halves of 26 bits and a sign, whose four products are exact.

    Source:
        Dekker, "A floating-point technique for extending the available precision",
        Numerische Mathematik 18, 1971.
    """
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    product = a * b
    error = a_high * b_high
    error -= product
    error += a_high * b_low
    error += a_low * b_high
    error += a_low * b_low
    return product, error


def add_positive(x: Pair, y: Pair) -> Pair:
    """Return x + y for x and y of one sign, to `ADD_POSITIVE`. Algorithm 5."""
    high, low = two_sum(x[0], y[0])
    low += x[1] + y[1]
    return fast_two_sum(high, low)


def add(x: Pair, y: Pair) -> Pair:
    """Return x + y, of any signs, to `ADD` relative to the result. Algorithm 6."""
    high, low = two_sum(x[0], y[0])
    rest, rest_low = two_sum(x[1], y[1])
    low += rest
    high, low = fast_two_sum(high, low)
    low += rest_low
    return fast_two_sum(high, low)


def add_float(x: Pair, b: Floats) -> Pair:
    """Return x + b, of any signs, to `ADD_FLOAT` of the result. Algorithm 4."""
    high, low = two_sum(x[0], b)
    low += x[1]
    return fast_two_sum(high, low)


def multiply(x: Pair, y: Pair) -> Pair:
    """Return x y to `MULTIPLY`; the high words obey `two_product`. Algorithm 10."""
    high, low = two_product(x[0], y[0])
    cross = x[0] * y[1]
    cross += x[1] * y[0]
    low += cross
    return fast_two_sum(high, low)


def multiply_float(x: Pair, b: Floats) -> Pair:
    """Return x b to `MULTIPLY_FLOAT`; x_hi and b obey `two_product`. Algorithm 7."""
    high, error = two_product(x[0], b)
    high, low = fast_two_sum(high, x[1] * b)
    low += error
    return fast_two_sum(high, low)


def divide(x: Pair, y: Pair) -> Pair:
    """Return x / y to `DIVIDE`, for y ≠ 0. Algorithm 17.

    Needs |x| in [2**−900, 2**900] or 0, and |y| and |x / y| in [2**−900, 2**900].
    """
    quotient = x[0] / y[0]
    high, low = multiply_float(y, quotient)
    remainder = x[0] - high  # exact, by Sterbenz' lemma
    remainder += x[1] - low
    remainder /= y[0]
    return fast_two_sum(quotient, remainder)


def from_fraction(value: Fraction) -> tuple[float, float]:
    """Return (hi, lo) with hi + lo = `value` up to a relative error `FROM_FRACTION`.

    Raises:
        ValueError: If `value` is not 0 and not of a magnitude in [2**−900, 2**1000].
    """
    least, most = map(power_of_two, _FRACTION_RANGE)
    if value and not least <= abs(value) <= most:
        msg = f"a double word needs 0 or 2**-900 <= |value| <= 2**1000, got {value!r}"
        raise ValueError(msg)
    high = BINARY64.round(value)
    return high, BINARY64.round(value - Fraction(high))


def _split(a: Floats) -> Pair:
    """Return a as two halves of 26 bits (Veltkamp)."""
    high = _SPLITTER * a
    high -= high - a
    return high, a - high
