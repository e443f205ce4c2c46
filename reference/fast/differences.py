r"""MAE and MSE element by element, and their gradients, as float64 columns.

Arguments are converted to binary64, which is exact. With d = x − y = h + l, exactly
(`two_sum`, as long as |x|, |y| < 2**500), |l| ≤ u |h|, and u = 2**−53:

=============  ==============  ================  =======================================
quantity       head + tail     exact value       radius
=============  ==============  ================  =======================================
`distance`     \|h + l\|       \|d\|             0
`square`       (h + l)²        d²                0 where l = 0, else 8 u² \|head\|
`slope_sign`   sign(d) s       sign(d) s         \|sign(d)\| times the radius of s
`slope_twice`  2 (h + l) s     2 d s             0 where s is a power of two, or where
                                                 l = 0 and s is a binary64 number; else
                                                 8 u² \|head\| + 2 \|h\| times the
                                                 radius of s
=============  ==============  ================  =======================================

s is the scale of the gradient: an upstream number, or u/n as a double word with a
radius. `multiply` gives a product P to 7 u² P; |head| is P to 3 u, so 8 u² |head| is
more than 7 u² P, and the rest, u² |head|, covers what rounding the radius itself loses.
Where both low words are 0, it is the error-free `two_product` and the radius is 0; so
it is where a power of two scales both words, as long as l stays a normal number.

`multiply` is asked for |head| ≥ 2**−900 (or 0) only: then no term of the proof
underflows by more than 2**−1072, which is far below u³ 2**−900. Elements outside the
ranges, and those with infinities or nan, are left to exact rationals, one at a time.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from reference.fast.doubleword import UNIT, Floats, multiply, two_sum
from reference.formats import power_of_two

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LARGEST: Final = 2.0**500
"""Arguments are below it: sums and products of two cannot overflow."""
LARGEST_SCALE: Final = 2.0**400
SMALLEST_PRODUCT: Final = 2.0**-900
SMALLEST_TAIL: Final = 2.0**-1021
"""Above it, what a power of two was multiplied to lost nothing."""
PRODUCT: Final = 8 * UNIT**2
"""More than the relative error of a product of double words, of its rounded result."""

Flags: TypeAlias = "NDArray[np.bool_]"


class Answer(NamedTuple):
    """Columns of some elements, and where they are proved."""

    head: Floats
    tail: Floats
    radius: Floats
    sure: Flags


class Scale(NamedTuple):
    """Numbers within `radius` of high + low, the latter at most half an ulp of high."""

    high: Floats | float
    low: float = 0.0
    radius: float = 0.0

    @classmethod
    def of(cls, value: Fraction) -> Scale | None:
        """Return a rational number as a scale; None beyond 2**±400."""
        limit = power_of_two(400)
        if value and not 1 / limit <= abs(value) <= limit:
            return None
        high = float(value)
        low = float(value - Fraction(high))
        rest = abs(value - Fraction(high) - Fraction(low))
        # The rest of a fraction that was given may be below the range of binary64.
        return cls(high, low, float(rest) * (1 + 2.0**-40) + 2.0**-1000 * bool(rest))


Formula: TypeAlias = "Callable[[Floats, Floats, Scale], Answer]"


def distance(x: Floats, y: Floats, _scale: Scale) -> Answer:
    """Return |x − y|."""
    high, low = two_sum(x, -y)
    sign = np.where(high < 0, -1.0, 1.0)
    return Answer(high * sign, low * sign, np.zeros_like(high), _moderate(x, y))


def square(x: Floats, y: Floats, _scale: Scale) -> Answer:
    """Return (x − y)²."""
    d = two_sum(x, -y)
    head, tail = multiply(d, d)
    radius = np.where(d[1] == 0, 0.0, PRODUCT * head)
    sure = _moderate(x, y) & ((d[0] == 0) | (head >= SMALLEST_PRODUCT))
    return Answer(head, tail, radius, sure)


def slope_sign(x: Floats, y: Floats, scale: Scale) -> Answer:
    """Return sign(x − y) times the scale."""
    sign = (x > y).astype(np.float64) - (x < y)
    head, tail = sign * scale.high + 0.0, sign * scale.low + 0.0  # −0 + 0 is 0
    sure = _moderate(x, y) & np.isfinite(scale.high)
    return Answer(head, tail, np.abs(sign) * scale.radius, sure)


def slope_twice(x: Floats, y: Floats, scale: Scale) -> Answer:
    """Return 2 (x − y) times the scale."""
    d = two_sum(x, -y)
    factor = 2.0 * np.asarray(scale.high), np.asarray(2.0 * scale.low)
    head, tail = multiply(d, factor)
    # Twice the radius, and room for what rounding it and |d| > |h| loses.
    spread = np.abs(d[0]) * (2 * scale.radius * (1 + 2.0**-40))
    exact = (d[1] == 0) | (_is_power(factor[0]) & (np.abs(tail) >= SMALLEST_TAIL))
    exact &= (scale.low == 0) & (scale.radius == 0)
    radius = np.where(exact, 0.0, PRODUCT * np.abs(head) + spread)
    zero = (d[0] == 0) | (factor[0] == 0)
    sure = _moderate(x, y) & (np.abs(scale.high) <= LARGEST_SCALE)
    sure &= zero | (np.abs(head) >= SMALLEST_PRODUCT)
    return Answer(head + 0.0, tail + 0.0, radius, sure)


def _moderate(x: Floats, y: Floats) -> Flags:
    """Say where both are finite and in range; a nan is not."""
    flags: Flags = (np.abs(x) < LARGEST) & (np.abs(y) < LARGEST)
    return flags


def _is_power(values: Floats) -> Flags:
    """Say which numbers are powers of two, of either sign."""
    flags: Flags = np.abs(np.frexp(values)[0]) == 0.5  # noqa: PLR2004
    return flags
