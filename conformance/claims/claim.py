"""One claim of a text, and the rule that decides a written number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference import Enclosure


class Ruling(StrEnum):
    """What becomes of a claim."""

    HOLDS = "holds"
    ROUNDED = "holds, rounded"
    CUT_OFF = "cut off, not rounded"
    FALSE = "false"
    ELSE = "runs, but means something else"
    UNCLEAR = "holds if read with care"


@dataclass(frozen=True)
class Claim:
    """One claim, restated, with its ruling.

    Attributes:
        id: A short name.
        says: What the text says, in other words.
        ruling: What becomes of it.
        because: What is true instead, or why it holds, with numbers.
    """

    id: str
    says: str
    ruling: Ruling
    because: str


def rule_on(written: str, exact: Fraction) -> Ruling:
    """Return whether the digits of `written` are those of the exact value.

    >>> rule_on("0.6", Fraction(2, 3)), rule_on("0.6667", Fraction(2, 3))
    (<Ruling.CUT_OFF: 'cut off, not rounded'>, <Ruling.ROUNDED: 'holds, rounded'>)
    """
    said = Decimal(written)
    if Fraction(said) == exact:
        return Ruling.HOLDS
    if said in (_digits(exact, said, r) for r in (ROUND_HALF_EVEN, ROUND_HALF_UP)):
        return Ruling.ROUNDED
    if said == _digits(exact, said, ROUND_DOWN):
        return Ruling.CUT_OFF
    return Ruling.FALSE


def _digits(exact: Fraction, like: Decimal, rounding: str) -> Decimal:
    # Forty digits cut off, with a sticky last one, round as the exact value does.
    context = Context(prec=40, rounding=ROUND_DOWN)
    long = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    if Fraction(long) != exact:
        long += Decimal((0, (1,), int(long.as_tuple().exponent) - 1))
    return long.quantize(like, rounding=rounding)


def written_to(exact: Enclosure, decimals: int) -> str:
    """Return a scalar exact value, correctly rounded to `decimals` places.

    Raises:
        ValueError: If the enclosure is wider than the last place decides.
    """
    like = Decimal(1).scaleb(-decimals)
    ends = [
        _digits(Fraction(e.item()), like, ROUND_HALF_EVEN)
        for e in (exact.lower, exact.upper)
    ]
    if ends[0] != ends[1]:
        msg = f"an enclosure must decide {decimals} places, got {ends[0]} and {ends[1]}"
        raise ValueError(msg)
    return str(ends[0])
