"""The two arithmetics in which a whole array is evaluated: plain float64, double words.

Both offer the same operations with known relative errors, so that one derivation of a
loss serves both: its bounds are counted in `unit`, `exp` and `log` of the arithmetic. A
number array is a tuple of float64 arrays, its *words*, whose sum it stands for: one in
plain arithmetic, two in double words. No operation changes its operands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Protocol, TypeAlias

import numpy as np

from reference.columns import SMALL_SHIFT
from reference.fast import doubleword, exponential, logarithm, sums

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from reference.fast.doubleword import Floats, Pair

    Flags = NDArray[np.bool_]

Words: TypeAlias = "tuple[Floats, ...]"

HUGE: Final = 2.0**1000
"""Finite gaps beyond the range of binary64 count as this; exp(−t) is 2**−10**300."""


_FLOOR_EXPONENT: Final = -880  # of double words: their divisions need 2**−900 and more
_LEAST_EXPONENT: Final = -1500
_POWERS: Final = np.ldexp(1.0, np.arange(_FLOOR_EXPONENT, 2))


class Arithmetic(Protocol):
    """Operations on words with bounds on their relative errors.

    Attributes:
        bits: Which of `reference.enclosure.TIERS` it serves.
        unit: Largest relative error of `add` (of Σ|operands|, if signs differ), of each
            level of `total`, of `multiply`, `divide`, `constant` and `gap`.
        exp: Relative error of `decay` of a `gap`, where the result is above `floor`.
        log: Relative error of `log1p`.
        floor: What `decay` returns where exp(−t) is less: the truth is in (0, floor].
    """

    bits: ClassVar[int]
    unit: ClassVar[float]
    exp: ClassVar[float]
    log: ClassVar[float]
    floor: ClassVar[float]

    def gap(self, top: Floats, x: Floats) -> Words:
        """Return top − x ≥ 0; inf only where x = −inf."""
        ...

    def decay(self, t: Words) -> Words:
        """Return exp(−t): exactly 1 at 0 and 0 at inf, never 0 elsewhere."""
        ...

    def add(self, x: Words, y: Words) -> Words:
        """Return x + y, of any signs."""
        ...

    def multiply(self, x: Words, y: Words) -> Words:
        """Return x y."""
        ...

    def divide(self, x: Words, y: Words) -> Words:
        """Return x / y, y ≠ 0."""
        ...

    def log1p(self, x: Words) -> Words:
        """Return log(1 + x), x ≥ 0; exactly 0 at 0."""
        ...

    def total(self, x: Words, *, signed: bool = False) -> Words:
        """Return the sum along axis 0, within height(n) · `unit` of Σ|x|."""
        ...

    def widen(self, x: Floats) -> Words:
        """Return float64 numbers as words, exactly."""
        ...

    def constant(self, value: Fraction) -> Words:
        """Return a rational number of moderate size, rounded once."""
        ...


class Plain:
    """One float64 a number."""

    bits: ClassVar[int] = 40
    unit: ClassVar[float] = 2.0**-53
    # The gap is rounded once, by at most u t, which moves exp(−t) by a factor of at
    # most e**(u t).
    exp: ClassVar[float] = exponential.EXP + 1.001 * 2.0**-53 * exponential.LIMIT
    log: ClassVar[float] = logarithm.LOG1P
    floor: ClassVar[float] = exponential.FLOOR

    def gap(self, top: Floats, x: Floats) -> Words:
        """Return top − x, rounded once."""
        return (_finite(top - x, x),)

    def decay(self, t: Words) -> Words:
        """Return exp(−t)."""
        if t[0].flags.c_contiguous:
            return (exponential.exp_minus(t[0]),)
        return (exponential.exp_minus(t[0].T).T,)

    def add(self, x: Words, y: Words) -> Words:
        """Return x + y."""
        return (x[0] + y[0],)

    def multiply(self, x: Words, y: Words) -> Words:
        """Return x y."""
        return (x[0] * y[0],)

    def divide(self, x: Words, y: Words) -> Words:
        """Return x / y."""
        return (x[0] / y[0],)

    def log1p(self, x: Words) -> Words:
        """Return log(1 + x)."""
        return (logarithm.log1p(x[0]),)

    def total(self, x: Words, *, signed: bool = False) -> Words:  # noqa: ARG002
        """Return the sum along axis 0."""
        return (sums.pairwise(x[0]),)

    def widen(self, x: Floats) -> Words:
        """Return float64 numbers as they are."""
        return (x,)

    def constant(self, value: Fraction) -> Words:
        """Return the float64 number nearest to `value`."""
        return (np.float64(doubleword.from_fraction(value)[0]),)  # type: ignore[return-value]  # a scalar broadcasts


class Pairs:
    """A double word a number."""

    bits: ClassVar[int] = 80
    unit: ClassVar[float] = max(
        doubleword.ADD, doubleword.MULTIPLY, doubleword.DIVIDE, doubleword.FROM_FRACTION
    )
    exp: ClassVar[float] = exponential.EXP_PAIR  # the gap is exact
    log: ClassVar[float] = logarithm.LOG1P_PAIR
    floor: ClassVar[float] = 2.0**_FLOOR_EXPONENT

    def gap(self, top: Floats, x: Floats) -> Words:
        """Return top − x exactly; what exceeds binary64's range counts as `HUGE`."""
        high, low = doubleword.two_sum(top, -x)
        low = np.where(np.isfinite(high), low, 0.0)
        return _finite(high, x), low

    def decay(self, t: Words) -> Words:
        """Return exp(−t)."""
        if not t[0].flags.c_contiguous:
            return tuple(w.T for w in self.decay(tuple(w.T for w in t)))
        high, low, n = exponential.exp_minus_pair(*_pair(t))
        exponent = np.asarray(n, dtype=np.intp)
        scale = _POWERS[np.maximum(exponent, _FLOOR_EXPONENT) - _FLOOR_EXPONENT]
        tiny = (exponent < _FLOOR_EXPONENT) & (high != 0)
        # Scaling is exact but for low words below 2**−1022, 2**−140 of the high word.
        high, low = high * scale, low * scale
        if tiny.any():
            high, low = np.where(tiny, self.floor, high), np.where(tiny, 0.0, low)
        return high, low

    def distant(self, t: Words) -> tuple[Pair, Flags]:
        """Return exp(−t) 2**`SMALL_SHIFT` for gaps that `decay` loses, and where not.

        Where exp(−t) is below about 2**−1500 the first is that, scaled: the truth is
        between 0 and 1.01 times it.
        """
        high, low, n = exponential.exp_minus_pair(*_pair(t))
        lost = np.asarray(n < _LEAST_EXPONENT)
        scale = np.ldexp(1.0, np.maximum(n, _LEAST_EXPONENT) + SMALL_SHIFT)
        high, low = np.where(lost, 1.0, high) * scale, np.where(lost, 0.0, low) * scale
        return (high, low), lost

    def add(self, x: Words, y: Words) -> Words:
        """Return x + y."""
        return doubleword.add(_pair(x), _pair(y))

    def multiply(self, x: Words, y: Words) -> Words:
        """Return x y."""
        return doubleword.multiply(_pair(x), _pair(y))

    def divide(self, x: Words, y: Words) -> Words:
        """Return x / y."""
        return doubleword.divide(_pair(x), _pair(y))

    def log1p(self, x: Words) -> Words:
        """Return log(1 + x)."""
        return logarithm.log1p_pair(*_pair(x))

    def total(self, x: Words, *, signed: bool = False) -> Words:
        """Return the sum along axis 0."""
        return sums.pairwise_pair(*_pair(x), signed=signed)

    def widen(self, x: Floats) -> Words:
        """Return float64 numbers with low words of zero."""
        return x, np.zeros_like(x)

    def constant(self, value: Fraction) -> Words:
        """Return the double word next to `value`."""
        high, low = doubleword.from_fraction(value)
        return np.float64(high), np.float64(low)  # type: ignore[return-value]  # scalars broadcast


def _finite(gap: Floats, x: Floats) -> Floats:
    """Return the gap with inf only where x = −inf."""
    beyond = np.isinf(gap)
    if not beyond.any():
        return gap
    return np.where(beyond & np.isfinite(x), HUGE, gap)


def _pair(x: Words) -> Pair:
    return x[0], x[1]


PLAIN: Final = Plain()
PAIRS: Final = Pairs()
ARITHMETICS: Final[dict[int, Arithmetic]] = {a.bits: a for a in (PLAIN, PAIRS)}
