"""Enclosures of many exact values as float64 arrays, and their rounding into a format.

Bounds on roundings here are multiples of u = 2**−53, the unit roundoff of binary64.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reference.formats import Format

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SMALL_SHIFT: Final = 1200
"""Numbers flagged `small` are carried 2**1200 times as large as they are."""

_UP: Final = 1 + 2.0**-51  # more than the roundings of a sum of two
_SUBNORMAL_STEP: Final = 2.0**-1074


@dataclass(frozen=True, eq=False)
class Columns:
    """Exact values x, one an element, with |x − (head + tail)| ≤ radius.

    Attributes:
        head: The binary64 number nearest to x or next to it; the special value where
            one is required; ±inf beyond binary64's range.
        tail: What head lacks, |tail| ≤ ulp(head); 0 where head is not finite.
        radius: ≥ 0. Where it and the tail are 0 and head is finite, x is head. Where
            it is |head| and the tail is 0, x is not 0 and has the sign of head.
        special: Where nan or an infinity is the required result; None: nowhere.
        also: Classes of results admitted beside the required one, as `Admit`; None:
            nowhere any.
        small: Where head, tail and radius stand for 2**−1200 times what they are, so
            that numbers below the range of binary64 keep their digits; None: nowhere.
    """

    head: Floats
    tail: Floats
    radius: Floats
    special: Flags | None = None
    also: NDArray[np.uint8] | None = None
    small: Flags | None = None

    def reshape(self, shape: tuple[int, ...]) -> Columns:
        """Return the same elements in another shape."""
        return self._each(lambda a: a.reshape(shape))

    def at(self, index: NDArray[np.intp]) -> Columns:
        """Return the elements at these row-major positions, in one dimension."""
        return self._each(lambda a: a.ravel()[index])

    def plain(self) -> Columns:
        """Return columns in which no number is carried at another scale."""
        if self.small is None or not self.small.any():
            return replace(self, small=None)
        # Each of the three rounds by half a subnormal step at most on its way down.
        head, tail, radius = (
            np.where(self.small, np.ldexp(a, -SMALL_SHIFT), a)
            for a in (self.head, self.tail, self.radius)
        )
        radius = np.where(self.small, radius + 2 * _SUBNORMAL_STEP, radius)
        return Columns(head, tail, radius, self.special, self.also)

    def round(self, fmt: Format) -> tuple[Floats, Flags]:
        """Return the elements correctly rounded into `fmt`, and where that is decided.

        A candidate c, the head cast to the format, is the rounding of x for certain if
        |x − c| is 0 or below half the distance to c's nearest neighbour. c may have been
        rounded twice on its way: it is judged by the distance alone. head − c is exact
        by Sterbenz's lemma, and adding the tail rounds once.
        """
        with np.errstate(all="ignore"):
            candidate = self._unscaled().astype(fmt.dtype).astype(np.float64)
            carried = self._scaled(candidate)
            rest = np.abs((self.head - carried) + self.tail)
            distance = (rest + self.radius) * _UP
            decided = (distance < self._reach(candidate, fmt)) | (distance == 0)
            exact = (self.head == 0) & (self.tail == 0) & (self.radius == 0)
            # The sign of a zero is that of x.
            off = np.abs(self.tail)
            off = np.where(off == 0, self.radius, (off + self.radius) * _UP)
            signed = np.abs(self.head) >= off
            decided &= (candidate != 0) | exact | signed
            # Beyond the format's range it takes exact numbers to know the threshold.
            decided &= np.isfinite(candidate) & np.isfinite(self.head)
        if self.special is not None:
            candidate = np.where(self.special, self.head, candidate)
            decided |= self.special
        return np.where(exact, 0.0, candidate), decided

    def _unscaled(self) -> Floats:
        if self.small is None:
            return self.head
        return np.where(self.small, np.ldexp(self.head, -SMALL_SHIFT), self.head)

    def _scaled(self, values: Floats) -> Floats:
        """Return `values` at the scale at which each element is carried."""
        if self.small is None:
            return values
        return np.where(self.small, np.ldexp(values, SMALL_SHIFT), values)

    def _reach(self, values: Floats, fmt: Format) -> Floats:
        """Return half the distance from numbers of `fmt` to their nearest neighbours.

        Below a power of two the neighbours are half as far away as above. The result is
        0 where it is below the range of binary64: then nothing is decided.
        """
        fraction, exponent = np.frexp(values)
        power = (np.abs(fraction) == 0.5) & (exponent - 1 > fmt.emin)  # noqa: PLR2004
        e = np.where(values == 0, fmt.emin, np.maximum(exponent - 1, fmt.emin))
        shift = 0 if self.small is None else SMALL_SHIFT * self.small
        reach: Floats = np.ldexp(1.0, e - fmt.precision - power + shift)
        return reach

    def _each(self, change: Any) -> Columns:
        return Columns(
            change(self.head),
            change(self.tail),
            change(self.radius),
            None if self.special is None else change(self.special),
            None if self.also is None else change(self.also),
            None if self.small is None else change(self.small),
        )
