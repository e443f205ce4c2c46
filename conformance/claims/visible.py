"""The numbers that a reader sees where a comment in Markdown makes a claim."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from conformance.claims.digits import LONGEST
from conformance.claims.words import flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.claims.claim import Claim

_COMMENT: Final = re.compile(r"<!--.*?(-->|$)", re.DOTALL)
_NUMBER: Final = re.compile(
    r"(?<![\w.+\-])[+-]?"
    r"(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?|inf|nan)(?![\w]|\.\d)"
)
_BETWEEN: Final = re.compile(r"[\s,;|&()\[\]{}]*(?:and\s+)?")
_ITEM: Final = re.compile(r"^\s*\d+[.)]\s")
_MOST: Final = 1000
"""Numbers of a paragraph in which arguments are looked for."""

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
    return [match[0] for match in _numbers(_plain(text))]


def _numbers(plain: str) -> list[re.Match[str]]:
    """Return the numbers of a text that a claim could write."""
    found = (m for m in _NUMBER.finditer(plain) if len(m[0]) <= LONGEST)
    return [m for m in found if "/" not in m[0] or m[0].partition("/")[2].strip("0")]


def _plain(text: str) -> str:
    lines = (_ITEM.sub("", shown(line)) for line in text.splitlines())
    return " ".join(lines).replace("−", "-")


def seen(claims: Iterable[Claim], lines: Sequence[str]) -> Iterator[Claim]:
    """Yield claims of Markdown with the numbers that stand where they are made.

    Numbers that other comments of the same paragraph claim are theirs, as long as the
    text has them in the order of the comments. Arguments it repeats are no results.
    """
    places = [(c, paragraph(lines, c.place.line - 1)) for c in claims]
    for claim, place in places:
        text = "\n".join(lines[slice(*place)])
        if claim.near:
            found = _behind(claim, text)
        else:
            group = [c for c, at in places if at == place]
            found = _left(claim, group, _results(claim, text))
        yield replace(claim, seen=tuple(found))


def _left(claim: Claim, group: Sequence[Claim], found: Sequence[str]) -> list[str]:
    """Return the numbers of a paragraph that are not those of its other claims."""
    bare = [number.rstrip(".") for number in found]
    order = [bare.index(n) for c in group for n in _said(c)[:1] if n in bare]
    if order != sorted(order):
        return list(found)
    theirs = {n for c in group for n in _said(c)} - set(_said(claim))
    return [n for n in found if n.rstrip(".") not in theirs]


def _results(claim: Claim, text: str) -> list[str]:
    """Return the numbers of a text without the arguments that it repeats.

    All of an argument, number after number, once. What would be left without any number
    is returned whole, and so is a single one where the claimed number is not in it.
    """
    plain = _plain(text)
    places = _numbers(plain)
    if len(places) > _MOST:
        return [match[0] for match in places]
    rows = [row for row in _arrays([claim.arguments, *claim.settings]) if row]
    several = _without([row for row in rows if len(row) > 1], places, plain)
    alone = _without([row for row in rows if len(row) == 1], several, plain)
    said = _said(claim)
    found = alone if any(m[0].rstrip(".") in said for m in alone) else several
    return [match[0] for match in found or places]


def _without(
    rows: Iterable[list[Fraction]], places: list[re.Match[str]], text: str
) -> list[re.Match[str]]:
    for row in rows:
        n = len(row)
        starts = range(len(places) - n + 1)
        at = next((i for i in starts if _is(row, places[i : i + n], text)), None)
        if at is not None:
            places = [*places[:at], *places[at + n :]]
    return places


def _is(row: list[Fraction], places: list[re.Match[str]], text: str) -> bool:
    """Are these the numbers of a row, with no words between them?"""
    if any(_worth(m[0]) != n for m, n in zip(places, row, strict=True)):
        return False
    between = (text[a.end() : b.start()] for a, b in pairwise(places))
    return all(map(_BETWEEN.fullmatch, between))


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
        unsaid: All of its numbers are among the arguments, and none is the claimed one.
        absent: None of its numbers is the claimed one; it is unclear which is meant.
    """

    instead: str = ""
    rivals: tuple[str, ...] = ()
    unsaid: bool = False
    absent: bool = False


def reading(claim: Claim) -> Reading:
    """Return how a reader takes the text beside a claim."""
    if claim.kind not in _KINDS or not claim.visible or not claim.seen:
        return Reading()
    written = list(dict.fromkeys(number.rstrip(".") for number in claim.seen))
    given = {n for row in _arrays([claim.arguments, *claim.settings]) for n in row}
    said = _said(claim)
    others = [n for n in written if n not in said]
    strange = [n for n in others if claim.near or _worth(n) not in given]
    if len(said) > 1 and _holds([number.rstrip(".") for number in claim.seen], said):
        return Reading()
    if set(said) <= {*written} and not (claim.near and len(said) > 1):
        return Reading(rivals=tuple(others if len(said) == 1 else written))
    # A result is more likely to have decimals than the number of a section.
    meant = [n for n in strange if "." in n or "/" in n] or strange
    one = len(meant) == 1 and isinstance(claim.says, str)
    if one:
        return Reading(instead=meant[0])
    return Reading(absent=True) if meant or claim.near else Reading(unsaid=True)


def _holds(row: Sequence[str], part: Sequence[str]) -> bool:
    starts = (i for i, number in enumerate(row) if number == part[0])
    return any(row[i : i + len(part)] == part for i in starts)


def _arrays(given: Sequence[Mapping[str, Any]]) -> Iterator[list[Fraction]]:
    """Yield the numbers of each argument, row by row."""
    for value in (value for table in given for value in table.values()):
        leaves = flat(value)[0] if isinstance(value, list | int | Fraction) else []
        yield [Fraction(n) for n in leaves if isinstance(n, int | Fraction)]


def _worth(number: str) -> Fraction | str:
    if number.lstrip("+-") in {"inf", "nan"}:
        return number
    return Fraction(number) if "/" in number else Fraction(Decimal(number))
