"""The rule that decides a written number: its digits against an exact value."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
_FRACTION: Final = re.compile(r"[+-]?\d+/\d*[1-9]\d*")
_TENSOR: Final = re.compile(r"tensor\((.*)\)")
LONGEST: Final = 60
"""Characters of a written number."""


class Digits(StrEnum):
    """How the digits of a written number compare with an exact value."""

    EXACT = "exact"
    ROUNDED = "rounded"
    CUT_OFF = "cut off"
    LAST_DIGIT = "last digit"
    WRONG = "wrong"


def written(text: str) -> str:
    """Return the number that a text writes, `tensor(0.6000)` included.

    Raises:
        ValueError: If it is no decimal number, fraction, `nan` or infinity.
    """
    if match := _TENSOR.fullmatch(text.strip()):
        text = match[1]
    text = text.strip()
    known = _DECIMAL.fullmatch(text) or _FRACTION.fullmatch(text)
    if len(text) > LONGEST or not (known or text in {"nan", "inf", "-inf"}):
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        msg = f'a number as text, such as "1.3333" or "2/3", got {shown!r}'
        raise ValueError(msg)
    return text


def unit(text: str) -> Fraction:
    """Return what one unit of the last written digit is worth; 0 for a fraction.

    >>> unit("0.60"), unit("2/3")
    (Fraction(1, 100), Fraction(0, 1))
    """
    if "/" in text:
        return Fraction(0)
    exponent = Decimal(text).as_tuple().exponent
    return Fraction(10) ** int(exponent)


def rule_on(text: str, low: Fraction, high: Fraction | None = None) -> Digits | None:
    """Return how the digits of a number compare with a value in [low, high].

    Correctly rounded is what rounding to as many places gives, a tie to even or away
    from zero. Cut off is what dropping the further digits gives. Otherwise the last
    digit is off if the value is less than one unit of it away: rounded to the wrong
    side.

    Returns:
        None if the ends do not decide: they must be nearer to each other.

    >>> rule_on("0.6", Fraction(2, 3)), rule_on("0.6667", Fraction(2, 3))
    (<Digits.CUT_OFF: 'cut off'>, <Digits.ROUNDED: 'rounded'>)
    """
    step = unit(text)
    if high is None or low == high:
        return _at(Fraction(text), step, low)
    if not step:  # the ends differ, so a fraction is it or is not: both must be apart
        return None if low <= Fraction(text) <= high else Digits.WRONG
    if 4 * (high - low) >= step:
        return None  # every range but the outer one could lie in between
    ends = {_at(Fraction(text), step, end) for end in (low, high)} - {Digits.EXACT}
    return ends.pop() if len(ends) == 1 else None


def _at(said: Fraction, step: Fraction, exact: Fraction) -> Digits:
    if said == exact:
        return Digits.EXACT
    if not step:
        return Digits.WRONG
    digits, scaled = said / step, exact / step
    away = math.floor(abs(scaled) + Fraction(1, 2))
    if digits in (round(scaled), away if exact > 0 else -away):
        return Digits.ROUNDED
    if digits == math.trunc(scaled):
        return Digits.CUT_OFF
    return Digits.LAST_DIGIT if abs(digits - scaled) < 1 else Digits.WRONG


def rewritten(text: str, exact: Fraction) -> str:
    """Return the exact value with as many places as `text` has, correctly rounded.

    >>> rewritten("0.6", Fraction(2, 3)), rewritten("1.25e-3", Fraction(1, 900))
    ('0.7', '0.00111')
    """
    step = unit(text)
    if not step:
        return str(exact)
    # Not by Decimal's arithmetic, which would round to 28 digits.
    scaled = round(exact / step)
    zeros = max(int(Decimal(text).as_tuple().exponent), 0)
    places = max(-int(Decimal(text).as_tuple().exponent), 0)
    digits = (str(abs(scaled)) + "0" * zeros).rjust(places + 1, "0")
    sign = "-" if scaled < 0 else ""
    whole = digits[: len(digits) - places]
    return f"{sign}{whole}.{digits[-places:]}" if places else f"{sign}{whole}"
