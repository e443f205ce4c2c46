"""Reading numbers from the command line, exactly as they are written."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Final

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
    bare = tokens[0] != "[" and "," in tokens
    if bare:
        tokens = ["[", *tokens, "]"]
    value, rest = _value(tokens)
    if rest:
        msg = f"needed the end of the list, got {' '.join(rest[:3])!r}"
        raise NumeralError(msg)
    return value


def _value(tokens: list[str]) -> tuple[object, list[str]]:
    if not tokens:
        msg = "needed a number or ']', got the end of the text"
        raise NumeralError(msg)
    head, rest = tokens[0], tokens[1:]
    return _items(rest) if head == "[" else (_number(head), rest)


def _items(rest: list[str]) -> tuple[list[object], list[str]]:
    items: list[object] = []
    if rest[:1] == ["]"]:
        return items, rest[1:]
    while True:
        item, rest = _value(rest)
        items.append(item)
        if rest[:1] == ["]"]:
            return items, rest[1:]
        if rest[:1] != [","]:
            got = repr(rest[0]) if rest else "the end of the text"
            msg = f"needed ',' or ']' after {item}, got {got}"
            raise NumeralError(msg)
        rest = rest[1:]


def _number(token: str) -> float | Fraction:
    if _INTEGER.fullmatch(token):
        return int(token)
    try:
        if _FRACTION.fullmatch(token):
            return Fraction(token)
        return float.fromhex(token) if "0x" in token.lower() else float(token)
    except (ValueError, ZeroDivisionError, OverflowError):
        msg = f"needed a number, got {token!r}"
        raise NumeralError(msg) from None


def rounded_to(value: object, name: str) -> object:
    """Return nested numbers, every finite one rounded to the format called `name`."""
    from reference import format_named

    if isinstance(value, list):
        return [rounded_to(item, name) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return value
    return format_named(name).round(Fraction(value))  # type: ignore[call-overload]  # a leaf
