"""One claim of a text, and the rule that decides a written number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
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

    A tie may be rounded to even or away from zero.

    >>> rule_on("0.6", Fraction(2, 3)), rule_on("0.6667", Fraction(2, 3))
    (<Ruling.CUT_OFF: 'cut off, not rounded'>, <Ruling.ROUNDED: 'holds, rounded'>)
    """
    _, _, decimals = written.partition(".")
    unit = 10 ** len(decimals)
    said, scaled = Fraction(written) * unit, exact * unit
    away = math.floor(abs(scaled) + Fraction(1, 2))
    if said == scaled:
        return Ruling.HOLDS
    if said == round(scaled) or said == (away if exact > 0 else -away):
        return Ruling.ROUNDED
    return Ruling.CUT_OFF if said == math.trunc(scaled) else Ruling.FALSE


def written_to(exact: Enclosure, decimals: int) -> str:
    """Return a scalar exact value, correctly rounded to `decimals` places.

    Raises:
        ValueError: If the enclosure is wider than the last place decides.
    """
    unit = 10**decimals
    low, high = (
        round(Fraction(end.item()) * unit) for end in (exact.lower, exact.upper)
    )
    if low != high:
        msg = f"an enclosure must decide {decimals} places, got {low} and {high}/{unit}"
        raise ValueError(msg)
    return str(Decimal(low).scaleb(-decimals))
