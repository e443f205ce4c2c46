"""The numbers that a reader sees where a comment in Markdown makes a claim."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from conformance.claims.words import flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conformance.claims.claim import Claim

_COMMENT: Final = re.compile(r"<!--.*?(-->|$)", re.DOTALL)
_NUMBER: Final = re.compile(
    r"(?<![\w.+\-])[+-]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)"
    r"(?![\w]|\.\d)"
)
_ITEM: Final = re.compile(r"^\s*\d+[.)]\s")
_KINDS: Final = frozenset({"value", "gradient"})


def paragraph(lines: Sequence[str], comment: int) -> tuple[int, int]:
    """Return the lines, from and up to, that a reader takes a comment to be about.

    They are those before the comment up to an empty line; empty lines and further
    comments between do not count.

    Args:
        lines: The text.
        comment: The line on which the comment begins, counted from 0.
    """
    last = comment
    while last >= 0 and not _shown(lines[last]).strip():
        last -= 1
    first = last
    while first > 0 and _shown(lines[first - 1]).strip():
        first -= 1
    return max(first, 0), last + 1


def _shown(line: str) -> str:
    """Return what is shown of a line; the end of a longer comment hides it whole."""
    return "" if "-->" in line and "<!--" not in line else _COMMENT.sub("", line)


def numbers(text: str) -> list[str]:
    """Return the numbers that are written in a text.

    >>> numbers("L1Loss gives −0.6 (2/3 of 1.) on float32, x_1.")
    ['-0.6', '2/3', '1.']
    """
    plain = (_ITEM.sub("", _shown(line)) for line in text.splitlines())
    return _NUMBER.findall(" ".join(plain).replace("−", "-"))


def seen(claims: Iterable[Claim], lines: Sequence[str]) -> Iterator[Claim]:
    """Yield claims of Markdown with the numbers that stand where they are made.

    Numbers that other comments of the same paragraph claim are theirs.
    """
    places = [(c, paragraph(lines, c.place.line - 1)) for c in claims]
    for claim, place in places:
        own = set(_said(claim))
        theirs = {n for c, at in places if at == place for n in _said(c)} - own
        found = numbers("\n".join(lines[slice(*place)]))
        yield replace(
            claim, seen=tuple(n for n in found if n.rstrip(".") not in theirs)
        )


def _said(claim: Claim) -> list[str]:
    return [str(n) for n in flat(claim.says)[0]] if claim.kind in _KINDS else []


def read_instead(claim: Claim) -> str | None:
    """Return the number that stands in the text in place of the claimed one.

    Returns:
        Empty if the text says what the comment does, or no number at all; None if none
        of its numbers is the claimed one, and it is unclear which is meant.
    """
    if claim.kind not in _KINDS or not claim.visible or not claim.seen:
        return ""
    written = {number.rstrip(".") for number in claim.seen}
    if all(number in written for number in _said(claim)):
        return ""
    given = set(_values(claim.arguments))
    others = {n for n in written if _worth(n) not in given}
    # A result is more likely to have decimals than the number of a section.
    meant = {n for n in others if "." in n or "/" in n} or others
    if not meant:
        return ""
    return meant.pop() if len(meant) == 1 and isinstance(claim.says, str) else None


def _values(given: Any) -> Iterator[Any]:
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, list):
        for item in given:
            yield from _values(item)
    elif isinstance(given, int | Fraction):
        yield Fraction(given)


def _worth(number: str) -> Fraction | str:
    if number.lstrip("+-") in {"inf", "nan"}:
        return number
    return Fraction(number) if "/" in number else Fraction(Decimal(number))
