"""Reading numbers from the command line, exactly as they are written."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

DEEPEST: Final = 64
"""Brackets within brackets: as many as NumPy's arrays can have axes."""

_TOKEN: Final = re.compile(r"\s*(\[|\]|,|[^\s\[\],]+)")
_INTEGER: Final = re.compile(r"[+-]?\d+")
_FRACTION: Final = re.compile(r"[+-]?\d+/\d+")


class NumeralError(ValueError):
    """A text is not a list of numbers; the message says where."""


def parse(text: str) -> object:
    """Return the number or nested list that `text` writes.

    `1,2,3` and `[1, 2, 3]` are the same list; `[[0, -6], [1, 2]]` is nested; a lone `1`
    is a number. A numeral without a point is an integer, `2/3` an exact fraction, and
    every other the exact value of the float64 that Python reads: `0.1`, `1e-3`,
    `0x1.8p+1`, `inf`, `nan`.

    Raises:
        NumeralError: If the text is none of these.

    >>> parse("[[0, -6.5]]"), parse("1,2/3")
    ([[0, -6.5]], [1, Fraction(2, 3)])
    """
    tokens = _TOKEN.findall(text)
    if not tokens:
        msg = "needed numbers such as 1,2,3 or [[0, -6]], got an empty text"
        raise NumeralError(msg)
    if tokens[0] != "[" and "," in tokens:
        tokens = ["[", *tokens, "]"]
    value, place = _value(tokens, 0, 0)
    if place < len(tokens):
        msg = f"needed the end of the list, got {' '.join(tokens[place : place + 3])!r}"
        raise NumeralError(msg)
    return value


def _value(tokens: Sequence[str], place: int, depth: int) -> tuple[object, int]:
    """Return the value that begins at a place, and the place behind it."""
    if place == len(tokens):
        msg = "needed a number or ']', got the end of the text"
        raise NumeralError(msg)
    if tokens[place] != "[":
        return _number(tokens[place]), place + 1
    if depth == DEEPEST:
        msg = f"needed at most {DEEPEST} brackets within one another, got more"
        raise NumeralError(msg)
    return _items(tokens, place + 1, depth + 1)


def _items(tokens: Sequence[str], place: int, depth: int) -> tuple[list[object], int]:
    items: list[object] = []
    if tokens[place : place + 1] == ["]"]:
        return items, place + 1
    while True:
        item, place = _value(tokens, place, depth)
        items.append(item)
        mark = tokens[place] if place < len(tokens) else ""
        if mark == "]":
            return items, place + 1
        if mark != ",":
            got = repr(mark) if mark else "the end of the text"
            msg = f"needed ',' or ']' after {item}, got {got}"
            raise NumeralError(msg)
        place += 1


def _number(token: str) -> float | Fraction:
    try:
        if _INTEGER.fullmatch(token):
            return int(token)
        if _FRACTION.fullmatch(token):
            return Fraction(token)
        return float.fromhex(token) if "0x" in token.lower() else float(token)
    except (ValueError, ZeroDivisionError, OverflowError):
        shown = token if len(token) <= 40 else f"{token[:20]}…{token[-16:]}"  # noqa: PLR2004 - a line's worth
        msg = f"needed a number, got {shown!r}"
        raise NumeralError(msg) from None
