"""The numbers that a reader sees where a comment in Markdown makes a claim."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from conformance.claims.words import flat

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

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
    while last >= 0 and not shown(lines[last]).strip():
        last -= 1
    first = last
    while first > 0 and shown(lines[first - 1]).strip():
        first -= 1
    return max(first, 0), last + 1


def shown(line: str) -> str:
    """Return what is shown of a line; the end of a longer comment hides it whole."""
    return "" if "-->" in line and "<!--" not in line else _COMMENT.sub("", line)


def numbers(text: str) -> list[str]:
    """Return the numbers that are written in a text.

    >>> numbers("L1Loss gives −0.6 (2/3 of 1.) on float32, x_1.")
    ['-0.6', '2/3', '1.']
    """
    plain = (_ITEM.sub("", shown(line)) for line in text.splitlines())
    return _NUMBER.findall(" ".join(plain).replace("−", "-"))


def seen(claims: Iterable[Claim], lines: Sequence[str]) -> Iterator[Claim]:
    """Yield claims of Markdown with the numbers that stand where they are made.

    Numbers that other comments of the same paragraph claim are theirs, as long as the
    text has them in the order of the comments.
    """
    places = [(c, paragraph(lines, c.place.line - 1)) for c in claims]
    for claim, place in places:
        text = "\n".join(lines[slice(*place)])
        if claim.near:
            found = _behind(claim, text)
        else:
            found = _left(claim, [c for c, at in places if at == place], numbers(text))
        yield replace(claim, seen=tuple(found))


def _left(claim: Claim, group: Sequence[Claim], found: Sequence[str]) -> list[str]:
    """Return the numbers of a paragraph that are not those of its other claims."""
    bare = [number.rstrip(".") for number in found]
    order = [bare.index(n) for c in group for n in _said(c)[:1] if n in bare]
    if order != sorted(order):
        return list(found)
    theirs = {n for c in group for n in _said(c)} - set(_said(claim))
    return [n for n in found if n.rstrip(".") not in theirs]


def _behind(claim: Claim, text: str) -> list[str]:
    """Return as many numbers as are claimed, from behind the words of `near` on."""
    line = " ".join(" ".join(map(shown, text.splitlines())).split())
    words = " ".join(claim.near.split())
    parts = line.split(words) if words else []
    once = len(parts) == 2  # noqa: PLR2004 - before and behind
    return numbers(parts[1])[: len(_said(claim))] if once else []


def _said(claim: Claim) -> list[str]:
    return [str(n) for n in flat(claim.says)[0]] if claim.kind in _KINDS else []


@dataclass(frozen=True)
class Reading:
    """How a reader takes the text beside a comment.

    Attributes:
        instead: The number of the text that is meant, where it is not the claimed one.
        rivals: Numbers of the text that could be meant as well.
        absent: None of its numbers is the claimed one; it is unclear which is meant.
    """

    instead: str = ""
    rivals: tuple[str, ...] = ()
    absent: bool = False


def reading(claim: Claim) -> Reading:
    """Return how a reader takes the text beside a claim."""
    if claim.kind not in _KINDS or not claim.visible or not claim.seen:
        return Reading()
    written = list(dict.fromkeys(number.rstrip(".") for number in claim.seen))
    given = set() if claim.near else {*_values([claim.arguments, *claim.settings])}
    said = _said(claim)
    others = [n for n in written if n not in said and _worth(n) not in given]
    if len(said) > 1:
        return _of_many(claim, said, others, given)
    if said[:1] and said[0] in written:
        return Reading(rivals=tuple(others))
    # A result is more likely to have decimals than the number of a section.
    meant = [n for n in others if "." in n or "/" in n] or others
    if not meant:
        return Reading(rivals=tuple(written))
    one = len(meant) == 1 and isinstance(claim.says, str)
    return Reading(instead=meant[0]) if one else Reading(absent=True)


def _of_many(
    claim: Claim, said: list[str], others: Sequence[str], given: Collection[Any]
) -> Reading:
    """Return how the numbers of a list are taken: as meant, if they stand in a row."""
    row = [number.rstrip(".") for number in claim.seen]
    alone = [n for n in row if n in said or _worth(n) not in given]
    if any(_holds(numbers, said) for numbers in (row, alone)):
        return Reading()
    if all(n in row for n in said) and not claim.near:
        return Reading(rivals=tuple(dict.fromkeys(row)))
    return Reading(absent=True) if others else Reading(rivals=tuple(row))


def _holds(row: Sequence[str], part: Sequence[str]) -> bool:
    starts = (i for i, number in enumerate(row) if number == part[0])
    return any(row[i : i + len(part)] == part for i in starts)


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
