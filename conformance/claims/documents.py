"""Files with claims: TOML beside a page, comments in Markdown, cells of a notebook."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from conformance import toml
from conformance.claims import fields
from conformance.claims.claim import ABOUT_CODE, ClaimError, Document, Place
from conformance.claims.visible import seen, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA: Final = "loss-conformance.claims/1"
LARGEST: Final = 1_000_000
"""Bytes of a file."""

MOST: Final = 1000
"""Claims of a file."""

_HEAD: Final = frozenset({"schema", "source", "title", "summary", "zh", "claim"})
_SOURCE: Final = frozenset(
    {"title", "url", "author", "language", "retrieved", "sha256", "file"}
)
_HEADER: Final = re.compile(r"^\s*\[\[\s*claim\s*\]\]")
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_OPEN: Final = re.compile(r"<!--\s*claim\b")
_NEARLY: Final = re.compile(r"<!--[\s!]*([\w-]+)[^=]*?\b(?:loss|kind|says|id)\s*=")
_CELL_NEARLY: Final = re.compile(r"^#\s*([\w-]+)\s+(?:loss|kind|says|id)\s*=")
_CELL: Final = re.compile(r"^#\s*claim\s+(?=\S+\s*=)(.*)$")
_PYTHON: Final = ("python", "py", "python3")


def load(path: Path) -> Document:
    """Return the document at `path`, by its ending: `.toml`, `.md` or `.ipynb`.

    Raises:
        ClaimError: If it cannot be read, or is malformed.
    """
    readers = {
        ".toml": sidecar,
        ".md": markdown,
        ".markdown": markdown,
        ".ipynb": notebook,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        msg = f"{path}: must end in one of {', '.join(readers)}, got {path.suffix!r}"
        raise ClaimError(msg)
    document = reader(_text(path), str(path))
    if len(document.claims) > MOST:
        msg = f"{path}: must hold at most {MOST} claims, got {len(document.claims)}"
        raise ClaimError(msg)
    names: dict[str, Place] = {}
    for claim in document.claims:
        if claim.id in names:
            msg = f"{claim.place}: id must be unique, got {claim.id!r} twice"
            raise ClaimError(msg)
        names[claim.id] = claim.place
        fields.needs_number(claim)
    return document


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            msg = f"{path}: must be a file that exists"
            raise ClaimError(msg)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            msg = f"{path}: must have at most {LARGEST} bytes"
            raise ClaimError(msg)
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        msg = f"{path}: line {line}: must be UTF-8, got byte 0x{data[error.start]:02x}"
        raise ClaimError(msg) from None
    except (OSError, ValueError) as error:
        if isinstance(error, ClaimError):
            raise
        msg = f"{path}: cannot be read: {error}"
        raise ClaimError(msg) from None


def sidecar(text: str, name: str) -> Document:
    """Return the claims of a TOML file.

    Raises:
        ClaimError: If it is malformed.
    """
    data = _toml(text, name)
    _check_head(data, name)
    tables = data.get("claim", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        msg = f"{name}: claims must be tables under [[claim]]"
        raise ClaimError(msg)
    lines = [i for i, ln in enumerate(text.splitlines(), 1) if _HEADER.match(ln)]
    places = lines if len(lines) == len(tables) else [1] * len(tables)
    claims = (
        fields.read(table, Place(name, line), number)
        for number, (table, line) in enumerate(zip(tables, places, strict=True), 1)
    )
    head = {key: data[key] for key in sorted(_HEAD - {"claim"}) if key in data}
    return Document(name, text, tuple(claims), head)


def _check_head(data: dict[str, Any], name: str) -> None:
    if data.get("schema") != SCHEMA:
        msg = (
            f"{name}: needed schema = {SCHEMA!r}, got {str(data.get('schema'))[:60]!r}"
        )
        raise ClaimError(msg)
    source = data.get("source", {})
    if not isinstance(source, dict):
        msg = f"{name}: source must be a table"
        raise ClaimError(msg)
    for table, known, what in ((data, _HEAD, "the file"), (source, _SOURCE, "source")):
        for key, value in table.items():
            fields.known_key(key, known, f"{name}: {what}")
            if key in {"title", "summary", "zh", "url"} and not isinstance(value, str):
                msg = f"{name}: {key} must be text"
                raise ClaimError(msg)


def _toml(text: str, where: object) -> dict[str, Any]:
    try:
        return toml.loads(text, parse_float=Decimal)
    except ValueError as error:
        msg = f"{where}: must be TOML: {str(error)[:200]}"
        raise ClaimError(msg) from None


def markdown(text: str, name: str) -> Document:
    """Return the claims of a Markdown file, from `<!-- claim … -->`.

    Raises:
        ClaimError: If a comment is malformed.
    """
    lines = text.splitlines()
    found = _comments(lines, name, None)
    claims = [fields.read(t, place, i) for i, (t, place) in enumerate(found, 1)]
    return Document(name, text, tuple(seen(claims, lines)))


def notebook(text: str, name: str) -> Document:
    """Return the claims of a notebook: comments in Markdown cells, `# claim` in code.

    Raises:
        ClaimError: If it is no notebook, or a claim is malformed.
    """
    claims = [
        fields.read(table, place, i)
        for i, (table, place) in enumerate(_cells(text, name), 1)
    ]
    cells = enumerate(sources(text, name), 1)
    shown = {i: t.splitlines() for i, (kind, t) in cells if kind == "markdown"}
    groups = groupby(claims, key=lambda claim: claim.place.cell or 0)
    made = (
        claim
        for cell, group in groups
        for claim in (seen([*group], shown[cell]) if cell in shown else group)
    )
    return Document(name, text, tuple(made))


def sources(text: str, name: str) -> list[tuple[str, str]]:
    """Return type and text of every cell of a notebook.

    Raises:
        ClaimError: If it is no notebook.
    """
    try:
        cells = json.loads(text)["cells"]
        return [(str(c["cell_type"]), _joined(c["source"])) for c in cells]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = str(error)[:100] or "nested too deeply"
        msg = f"{name}: must be a notebook, JSON with cells and their sources: {reason}"
        raise ClaimError(msg) from None


def _joined(source: object) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, list):
        return "".join(source)
    msg = "source is no text"
    raise TypeError(msg)


def _cells(text: str, name: str) -> Iterator[tuple[dict[str, Any], Place]]:
    cells = sources(text, name)
    for number, (kind, source) in enumerate(cells, 1):
        lines = source.splitlines()
        if kind == "markdown":
            after = cells[number : number + 1]
            code = after[0][1] if after and after[0][0] == "code" else ""
            yield from _comments(lines, name, number, code)
        elif kind == "code":
            for line, content in enumerate(lines, 1):
                place = Place(name, line, number)
                if match := _CELL.match(content):
                    yield _with_code(_inline(match[1], place), source), place
                else:
                    _refuse_slip(_CELL_NEARLY, content, place)


def _comments(
    lines: Sequence[str], name: str, cell: int | None, code: str = ""
) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield the table of each comment outside fenced code, and where it begins.

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
            _refuse_slip(_NEARLY, text if opened else "", place)
            above = "" if shown(line).strip() else above
            continue
        while "-->" not in line:
            if number == len(lines):
                msg = f"{place}: the comment must end with -->"
                raise ClaimError(msg)
            line += "\n" + lines[number]
            number += 1
        above = "" if _OPEN.split(line)[0].strip() else above
        below = _following(lines[number:])
        for body in _bodies(line):
            table = _table(body, place)
            if _about_code(table) and above and below:
                msg = (
                    f"{place}: the code of a claim must be the block above it, got "
                    "one below it as well: write a word between, or give code"
                )
                raise ClaimError(msg)
            yield _with_code(table, above or below or code), place


def _refuse_slip(pattern: re.Pattern[str], text: str, place: Place) -> None:
    """Refuse a comment that looks like a claim, and would be passed by.

    Raises:
        ClaimError: If it begins with another word than `claim`, alike.
    """
    match = pattern.match(text)
    if match and get_close_matches(match[1].lower(), ["claim"], 1):
        got = "a line of its own" if match[1] == "claim" else repr(match[1])
        msg = f"{place}: a comment with a claim must begin with <!-- claim, got {got}"
        raise ClaimError(msg)


def _bodies(text: str) -> Iterator[str]:
    for piece in _OPEN.split(text)[1:]:
        yield piece.partition("-->")[0]


def _table(body: str, place: Place) -> dict[str, Any]:
    """Return what a comment says: a TOML document, or on one line a TOML table."""
    if "\n" in body.strip():
        return _toml(body, place)
    return _inline(body.strip(), place)


def _inline(body: str, place: Place) -> dict[str, Any]:
    table = _toml(f"claim = {{ {body} }}", place)
    claim = table.pop("claim")
    if table or not isinstance(claim, dict):
        msg = f"{place}: must be keys and values separated by commas"
        raise ClaimError(msg)
    return claim


def _about_code(table: dict[str, Any]) -> bool:
    wants = table.get("kind") in [*ABOUT_CODE]  # a kind may be unhashable yet
    return wants and "loss" not in table and "code" not in table


def _with_code(table: dict[str, Any], code: str) -> dict[str, Any]:
    """Add the code beside a claim, where the claim is about code."""
    return {**table, "code": code} if code and _about_code(table) else table


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
