"""Comments with claims: `<!-- claim … -->` in Markdown, `# claim …` in code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from conformance import toml
from conformance.claims.claim import ABOUT_CODE, ClaimError, Place
from conformance.claims.visible import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_OPEN: Final = re.compile(r"<!--\s*claim\b")
_NEARLY: Final = re.compile(r"<!--[\s!]*([\w-]+)[^=]*?\b(?:loss|kind|says|id)\s*=")
_CELL_NEARLY: Final = re.compile(r"^#\s*([\w-]+)\s+(?:loss|kind|says|id)\s*=")
_CELL: Final = re.compile(r"^#\s*claim\s+(?=\S+\s*=)(.*)$")
_PYTHON: Final = ("python", "py", "python3")
_AT: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")
_TABLE: Final = "claim = { "


@dataclass(frozen=True)
class Comment:
    """A comment with a claim, not yet read.

    Attributes:
        place: Where it begins.
        body: What it says.
        start: Line and column where that begins, both counted from 1.
        above: The block of Python directly above it.
        below: The code below it.
        slip: What is wrong with the comment itself; empty if nothing is.
    """

    place: Place
    body: str = ""
    start: tuple[int, int] = (1, 1)
    above: str = ""
    below: str = ""
    slip: str = ""

    def table(self) -> dict[str, Any]:
        """Return the keys of the claim, with the code that it is about.

        Raises:
            ClaimError: If it is malformed.
        """
        if self.slip:
            msg = f"{self.place}: {self.slip}"
            raise ClaimError(msg)
        table = _table(self)
        # What a kind is has not been checked yet: it may be a list.
        wants = table.get("kind") in [*ABOUT_CODE]
        if not wants or "loss" in table or "code" in table:
            return table
        if self.above and self.below:
            msg = (
                f"{self.place}: the code of a claim must be the block above it, got "
                "one below it as well: write a word between, or give code"
            )
            raise ClaimError(msg)
        code = self.above or self.below
        return {**table, "code": code} if code else table


def in_markdown(
    lines: Sequence[str], name: str, cell: int | None = None, code: str = ""
) -> Iterator[Comment]:
    """Yield the comments outside fenced code.

    Args:
        lines: The text.
        name: The file.
        cell: The cell of a notebook.
        code: What a comment without a block of code beside it is about.
    """
    above, number = "", 0
    while number < len(lines):
        line = lines[number]
        if _FENCE.match(line):
            above, length = _block(lines[number:])
            number += length
            continue
        number += 1
        place = Place(name, number, cell)
        if not _OPEN.search(line):
            _, opened, rest = line.partition("<!--")
            text = "\n".join([opened + rest, *lines[number : number + 2]])
            yield from _slip(_NEARLY, text if opened else "", place)
            above = "" if shown(line).strip() else above
            continue
        while "-->" not in line and number < len(lines):
            line += "\n" + lines[number]
            number += 1
        if "-->" not in line:
            yield Comment(place, slip="the comment must end with -->")
            return
        above = "" if _OPEN.split(line)[0].strip() else above
        below = _following(lines[number:]) or ("" if above else code)
        yield from _bodies(line, place, above, below)


def in_code(source: str, name: str, cell: int) -> Iterator[Comment]:
    """Yield the comments of a notebook's cell of code, which they are about."""
    for number, line in enumerate(source.splitlines(), 1):
        place = Place(name, number, cell)
        if match := _CELL.match(line):
            yield Comment(place, match[1], (number, match.start(1) + 1), source)
        else:
            yield from _slip(_CELL_NEARLY, line, place)


def _slip(pattern: re.Pattern[str], text: str, place: Place) -> Iterator[Comment]:
    """Yield a comment that looks like a claim, and would be passed by."""
    match = pattern.match(text)
    if match and get_close_matches(match[1].lower(), ["claim"], 1):
        got = "a line of its own" if match[1] == "claim" else repr(match[1])
        slip = f"a comment with a claim must begin with <!-- claim, got {got}"
        yield Comment(place, slip=slip)


def _bodies(text: str, place: Place, above: str, below: str) -> Iterator[Comment]:
    begins = [match.end() for match in _OPEN.finditer(text)]
    for at, piece in zip(begins, _OPEN.split(text)[1:], strict=True):
        start = _moved((place.line, 1), text[:at])
        yield Comment(place, piece.partition("-->")[0], start, above, below)


def _moved(start: tuple[int, int], text: str) -> tuple[int, int]:
    """Return line and column behind a text that begins at `start`."""
    lines = text.split("\n")
    column = len(lines[-1]) + (start[1] if len(lines) == 1 else 1)
    return start[0] + len(lines) - 1, column


def _table(comment: Comment) -> dict[str, Any]:
    """Return what a comment says: a TOML document, or else a TOML table."""
    if "\n" not in comment.body.strip():
        return _inline(comment)
    try:
        return _toml(comment.body, comment, comment.start)
    except ClaimError as error:
        try:
            return _inline(comment)  # one whose last value has several lines
        except ClaimError:
            msg = f"{error}; on several lines keys have no comma between them"
            raise ClaimError(msg) from None


def _inline(comment: Comment) -> dict[str, Any]:
    body = comment.body.lstrip()
    line, column = _moved(comment.start, comment.body[: len(comment.body) - len(body)])
    text = f"{_TABLE}{body.rstrip()} }}"
    table = _toml(text, comment, (line, column - len(_TABLE)))
    claim = table.pop("claim")
    if table or not isinstance(claim, dict):
        msg = f"{comment.place}: must be keys and values separated by commas"
        raise ClaimError(msg)
    return claim


def _toml(text: str, comment: Comment, start: tuple[int, int]) -> dict[str, Any]:
    """Return the tables of a text that begins at `start` of the page.

    Raises:
        ClaimError: If there are none; its line and column are those of the page.
    """

    def page(match: re.Match[str]) -> str:
        if match[1] is None:
            return "(at the end of the comment)"
        line, column = int(match[1]), int(match[2])
        first = column + start[1] - 1 if line == 1 else column
        return f"(at line {line + start[0] - 1}, column {first})"

    try:
        return toml.loads(text, parse_float=Decimal)
    except ValueError as error:
        msg = f"{comment.place}: must be TOML: {_AT.sub(page, str(error))[:200]}"
        raise ClaimError(msg) from None


def _following(lines: Sequence[str]) -> str:
    """Return the block of Python that begins below, after empty lines at most."""
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    begins = lines[first : first + 1] and _FENCE.match(lines[first])
    return _block(lines[first:])[0] if begins else ""


def _block(lines: Sequence[str]) -> tuple[str, int]:
    """Return the Python in a fence, empty in any other, and the lines it takes."""
    opened = _FENCE.match(lines[0])
    marks, info = (opened[1], opened[2]) if opened else ("", "")
    python = info.strip().partition(" ")[0].lower() in _PYTHON
    for number, line in enumerate(lines[1:], 1):
        match = _FENCE.match(line)
        if match and match[1].startswith(marks) and not match[2].strip():
            return "\n".join(lines[1:number]) if python else "", number + 1
    return "", len(lines)
