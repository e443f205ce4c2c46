"""Exact values as text."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from mpmath import MPContext

from reference.formats import power_of_two
from reference.precision import FIRST_PRECISION, LAST_PRECISION

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.columns import Columns
    from reference.element import Element

_SMALLEST: Final = -24000
_PRINTABLE: Final = 4000  # bits; Python refuses to print 4300 digits and more


def of(at: Callable[[int], Element], digits: int) -> str:
    """Return an element as text: a fraction if it is one, else its digits.

    The digits are rounded to nearest and all right: precision is raised until they are
    decided. Where terms cancel further than that reaches, two ends are returned.

    Args:
        at: Returns the element at a working precision.
        digits: How many significant ones.
    """
    precision = FIRST_PRECISION
    item = at(precision)
    if item.special is not None:
        return repr(item.special)
    while True:
        low, high = at(precision).ends(_SMALLEST)
        texts = _digits(low, digits), _digits(high, digits)
        if item.is_rational and _is_short(low, digits + 4):
            return str(low)
        small = max(-low, high) <= power_of_two(_SMALLEST)
        if small and (low >= 0 or high <= 0):
            sign = "-" if low < 0 else ""
            return f"{sign}0.000… (not zero, below 2**{_SMALLEST})"
        if texts[0] == texts[1]:
            exact = item.is_rational and Fraction(texts[0]) == low
            return texts[0] if exact else f"{texts[0]}…"
        if precision >= max(LAST_PRECISION, 8 * digits):
            return f"between {texts[0]}… and {texts[1]}…"
        precision *= 2


def seen(columns: Columns, digits: int) -> str:
    """Return the digits that columns of one element show, or nothing."""
    plain = columns.plain()
    if plain.special is not None and plain.special.any():
        return ""
    head, tail, radius = (a.item() for a in (plain.head, plain.tail, plain.radius))
    if not radius or not np.isfinite(head + radius):
        return ""
    middle, off = Fraction(head) + Fraction(tail), Fraction(radius)
    low, high = (_digits(v, digits) for v in (middle - off, middle + off))
    return f"{low}…" if low == high else ""


def _is_short(value: Fraction, most: int) -> bool:
    longest = max(value.numerator.bit_length(), value.denominator.bit_length())
    return longest <= _PRINTABLE and len(str(value)) <= most


@cache
def _context() -> MPContext:
    # Private, and made once: that takes longer than all that is done with it.
    return MPContext()


def _digits(value: Fraction, digits: int) -> str:
    context = _context()
    # What is rounded to so many bits first is as near to a tie as that by chance only.
    context.prec = 4 * digits + 200
    text: str = context.nstr(context.mpf(value.numerator) / value.denominator, digits)
    return text
