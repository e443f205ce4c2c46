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

_FRACTION: Final = 52  # bits of binary64's fraction, below its exponent's 11
_EXPONENTS: Final = (1 << 11) - 1
_BIAS: Final = 1023
_PIECE: Final = 1 << 14
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

    def at(self, index: NDArray[np.intp] | slice) -> Columns:
        """Return the elements at these row-major positions, in one dimension."""
        return self._each(lambda a: a.reshape(-1)[index])

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
        |x − c| is 0, or below half the gap to c's neighbour on that side. c may be the
        outcome of two roundings: it is judged by the distance alone. head − c is exact
        by Sterbenz's lemma, and adding the tail rounds once. A tie is decided where x
        is the head, exactly. At the overflow threshold
        and beyond, where c is infinite, nothing is decided.
        """
        flat, size = self.reshape((-1,)), self.head.size
        values, decided = np.empty(size), np.empty(size, dtype=np.bool_)
        for start in range(0, size, _PIECE):  # pieces that fit a cache
            piece = slice(start, start + _PIECE)
            values[piece], decided[piece] = _round(flat.at(piece), fmt)
        return values.reshape(self.head.shape), decided.reshape(self.head.shape)

    def unscaled(self) -> Floats:
        """Return the heads, rounded to binary64 where they are carried elsewhere."""
        if self.small is None:
            return self.head
        return np.where(self.small, np.ldexp(self.head, -SMALL_SHIFT), self.head)

    def scaled(self, values: Floats) -> Floats:
        """Return `values` at the scale at which each element is carried."""
        if self.small is None:
            return values
        return np.where(self.small, np.ldexp(values, SMALL_SHIFT), values)

    def _each(self, change: Any) -> Columns:
        return Columns(
            change(self.head),
            change(self.tail),
            change(self.radius),
            None if self.special is None else change(self.special),
            None if self.also is None else change(self.also),
            None if self.small is None else change(self.small),
        )


def _round(columns: Columns, fmt: Format) -> tuple[Floats, Flags]:
    with np.errstate(all="ignore"):
        candidate = _cast(columns.unscaled(), fmt)
        rest = columns.head - columns.scaled(candidate)
        rest += columns.tail
        inward = np.signbit(rest) != np.signbit(candidate)
        np.abs(rest, out=rest)
        distance = rest + columns.radius
        distance *= _UP
        shift = 0 if columns.small is None else SMALL_SHIFT * columns.small
        reach = _reach(candidate, fmt, shift, inward)
        decided = distance < reach
        # So little that the other end is nearer than half of either gap, too.
        decided &= columns.radius <= 0.25 * reach
        decided |= distance == 0
        decided |= _even_ties(columns, candidate, rest == reach, fmt)
        zero = candidate == 0
        if zero.any():
            candidate, sure = _signed_zeros(columns, candidate)
            decided &= ~zero | sure
    if columns.special is not None:
        candidate = np.where(columns.special, columns.head, candidate)
        decided |= columns.special
    return candidate, decided


def _cast(values: Floats, fmt: Format) -> Floats:
    """Return float64 numbers rounded into a format, as float64.

    ml_dtypes rounds to bfloat16 by way of float32. What is rounded twice may be no
    neighbour of x, and then no precision would ever decide for it; so normal numbers
    are rounded here, to nearest even by their bits.
    """
    cast = values.astype(fmt.dtype).astype(np.float64)
    if fmt.dtype_name != "bfloat16":
        return cast
    dropped = _FRACTION - (fmt.precision - 1)
    bits = values.view(np.int64)
    rounded = bits + (((1 << (dropped - 1)) - 1) + ((bits >> dropped) & 1))
    rounded &= -(1 << dropped)
    once: Floats = rounded.view(np.float64)
    size = np.abs(once)
    normal = (size >= 2.0**fmt.emin) & (size <= float(fmt.largest))
    return np.where(normal, once, cast)


def _even_ties(columns: Columns, candidate: Floats, half: Flags, fmt: Format) -> Flags:
    """Return which are exactly half a gap from a candidate with an even significand.

    Without a radius and a tail a number is its head, and head − c exact.
    """
    tie: Flags = half & (columns.radius == 0) & (columns.tail == 0)
    if not tie.any():
        return tie
    at = np.flatnonzero(tie)
    _, exponent = np.frexp(candidate[at])
    spacing = np.maximum(exponent - 1, fmt.emin) - fmt.precision + 1
    whole = np.ldexp(candidate[at], -spacing)
    tie[at] = np.fmod(whole, 2) == 0
    return tie


def _signed_zeros(columns: Columns, candidate: Floats) -> tuple[Floats, Flags]:
    """Return +0 for what is exactly 0, and where the sign of x is known or not due."""
    exact = (columns.head == 0) & (columns.tail == 0) & (columns.radius == 0)
    off = np.abs(columns.tail)
    off = np.where(off == 0, columns.radius, (off + columns.radius) * _UP)
    return np.where(exact, 0.0, candidate), exact | (np.abs(columns.head) >= off)


def _reach(values: Floats, fmt: Format, shift: Any, inward: Flags) -> Floats:
    """Return half the distance from numbers of `fmt` to their neighbours.

    Times 2**shift; to the neighbours towards zero where `inward`: those of a power of
    two are half as far away as the others.
    The result is 0 where it is below the normal range of binary64: then nothing is
    decided.
    """
    bits = values.view(np.int64)
    exponent = ((bits >> _FRACTION) & _EXPONENTS) - _BIAS
    power = inward & ((bits & ((1 << _FRACTION) - 1)) == 0) & (exponent > fmt.emin)
    np.maximum(exponent, fmt.emin, out=exponent)  # subnormal numbers and 0, too
    exponent += shift + (_BIAS - fmt.precision)
    exponent -= power
    np.clip(exponent, 0, _EXPONENTS - 1, out=exponent)
    exponent <<= _FRACTION
    return exponent.view(np.float64)
