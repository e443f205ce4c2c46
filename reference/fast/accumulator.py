r"""Exact sums of floating-point numbers, by integer arithmetic alone.

Every finite number is ± m · 2**e with integers 0 ≤ m < 2**53 and e ≥ −1074
(`reference.fast.bits`). The significands m of numbers, or of products, that have the
same sign and the same e are added up in one int64 *bin*; at the end the bins, a few
thousand, are put together with Python's integers.

**Proof that nothing is rounded and nothing overflows.** No floating-point operation is
carried out, so neither the rounding mode nor flush to zero can matter. What is left to
show is that int64 arithmetic does not wrap around:

- Sums: m = l₀ + 2**27 l₁ with 0 ≤ l₀ < 2**27, 0 ≤ l₁ < 2**26. Each limb has its own
  bins. A bin that received k limbs is below k · 2**27, so up to k = 2**36 fit in 63
  bits.
- Products: m = l₀ + 2**18 l₁ + 2**36 l₂ with l₀, l₁ < 2**18 and l₂ < 2**17. The
  product of two such numbers is Σ 2**(18 k) pₖ for k = 0 … 4 with pₖ = Σ lᵢ l'ⱼ over
  i + j = k: p₁ = l₀ l'₁ + l₁ l'₀ < 2 · 2**36, p₂ = l₀ l'₂ + l₁ l'₁ + l₂ l'₀ < 2**35 +
  2**36 + 2**35, and the others are smaller: pₖ < 2**37. A bin that received k of them
  is below k · 2**37, so up to k = 2**26 fit in 63 bits.

Before a bin can have received more than that, all bins are emptied into one Python
integer, which has no limit. The order of the addends does not matter, nor does the
memory order of an array. The time is linear in the number of elements; the extra memory
is that of the bins and of a few chunks, about a MiB, for arrays of any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference.fast.bits import SUBNORMAL_STEP, chunks, decode
from reference.formats import power_of_two

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from reference.fast.bits import Bits

_EXPONENTS: Final = 2048  # how many there are, and what a negative number adds to them
_HALF: Final = 27
_THIRD: Final = 18
_PRODUCT_WIDTH: Final = 2 * _THIRD + 1


def exact_sum(a: NDArray[Any]) -> Fraction:
    """Return Σ a.

    Args:
        a: Finite numbers, any shape: float16, bfloat16, float32 or float64.

    Raises:
        TypeError: If the array is of another dtype.
        ValueError: If an element is infinite or nan.

    >>> import numpy as np
    >>> exact_sum(np.array([1e308, 1.0, -1e308]))
    Fraction(1, 1)
    """
    result = ExactSum()
    for (bits,) in chunks(a):
        result.add(bits)
    return result.total()


def exact_dot(a: NDArray[Any], b: NDArray[Any]) -> Fraction:
    """Return Σ a·b, the arrays broadcast against each other.

    Arguments and errors are those of `exact_sum`.
    """
    result = ExactDot()
    for x, y in chunks(a, b):
        result.add(Factor(x), Factor(y))
    return result.total()


class _Bins:
    """One int64 sum for each limb, sign and exponent.

    Args:
        limbs: How many limbs a number has.
        spacing: How many bits lie between one limb and the next.
        width: No addend reaches 2**width.
        exponents: How many exponents there are; a power of two.
    """

    def __init__(self, limbs: int, spacing: int, width: int, exponents: int) -> None:
        self._sums = np.zeros((limbs, 2 * exponents), dtype=np.int64)
        self._spacing, self._exponents = spacing, exponents
        self._capacity = self._free = 2 ** (63 - width)
        self._carried = 0

    def add(self, limbs: Sequence[Bits], place: Bits) -> None:
        """Add numbers, given as their limbs, each to the bins of its place."""
        if place.size > self._free:
            self._empty()
        self._free -= place.size
        for sums, addends in zip(self._sums, limbs, strict=True):
            if addends.any():  # numbers of the narrower formats have empty limbs
                np.add.at(sums, place, addends)

    def total(self) -> int:
        """Return the sum so far, in units of the smallest exponent."""
        self._empty()
        return self._carried

    def _empty(self) -> None:
        flat = self._sums.ravel()
        used = np.flatnonzero(flat)
        for i, value in zip(used.tolist(), flat[used].tolist(), strict=True):
            row, exponent = divmod(i, self._exponents)
            limb, negative = divmod(row, 2)
            addend = value << exponent + self._spacing * limb
            self._carried += -addend if negative else addend
        flat[used] = 0
        self._free = self._capacity


class ExactSum:
    """The exact sum of the numbers added so far, given by their bits."""

    def __init__(self) -> None:
        """Start at 0."""
        self._bins = _Bins(2, _HALF, _HALF, _EXPONENTS)

    def add(self, bits: Bits) -> None:
        """Add numbers, at most 2**36 in one call.

        Raises:
            ValueError: If a number is infinite or nan.
        """
        significand, place = decode(bits)
        limbs = significand & (2**_HALF - 1), significand >> _HALF
        self._bins.add(limbs, place)

    def total(self) -> Fraction:
        """Return the sum so far."""
        return self._bins.total() * power_of_two(SUBNORMAL_STEP)


class Factor:
    """Numbers that are about to be multiplied, in three limbs."""

    def __init__(self, bits: Bits) -> None:
        """Take numbers apart, given by their bits.

        Raises:
            ValueError: If a number is infinite or nan.
        """
        significand, self.place = decode(bits)
        mask = 2**_THIRD - 1
        middle = significand >> _THIRD
        self.limbs = significand & mask, middle & mask, middle >> _THIRD


class ExactDot:
    """The exact sum of the products added so far."""

    def __init__(self) -> None:
        """Start at 0."""
        self._bins = _Bins(5, _THIRD, _PRODUCT_WIDTH, 2 * _EXPONENTS)

    def add(self, a: Factor, b: Factor, doublings: int = 0) -> None:
        """Add 2**doublings · a · b for doublings ≤ 5, at most 2**26 products a call."""
        (a0, a1, a2), (b0, b1, b2) = a.limbs, b.limbs
        exponent = (a.place & (_EXPONENTS - 1)) + (b.place & (_EXPONENTS - 1))
        exponent += doublings
        sign = (a.place ^ b.place) & _EXPONENTS
        products = (
            a0 * b0,
            a0 * b1 + a1 * b0,
            a0 * b2 + a1 * b1 + a2 * b0,
            a1 * b2 + a2 * b1,
            a2 * b2,
        )
        self._bins.add(products, exponent + 2 * sign)

    def total(self) -> Fraction:
        """Return the sum so far."""
        return self._bins.total() * power_of_two(2 * SUBNORMAL_STEP)
