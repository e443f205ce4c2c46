"""Files with claims: TOML beside a page, comments in Markdown, cells of a notebook."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from itertools import count, groupby
from typing import TYPE_CHECKING, Any, Final, TypeVar

from conformance import toml
from conformance.claims import fields
from conformance.claims.claim import Claim, ClaimError, Document, Place
from conformance.claims.comments import in_code, in_markdown
from conformance.claims.visible import seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from conformance.claims.comments import Comment

T = TypeVar("T")
U = TypeVar("U")

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
_TOLD: Final = 20
"""Errors of a file that are told."""


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
    names: set[str] = set()

    def check(claim: Claim) -> None:
        if claim.id in names:
            msg = f"{claim.place}: id must be unique, got {claim.id!r} twice"
            raise ClaimError(msg)
        names.add(claim.id)
        fields.needs_number(claim)

    every(check, document.claims)
    return document


def every(read: Callable[[T], U], parts: Iterable[T]) -> list[U]:
    """Return what `read` makes of all parts.

    Raises:
        ClaimError: If one is malformed; the message tells of all that are, a line each.
    """
    made, errors = [], []
    for part in parts:
        try:
            made.append(read(part))
        except ClaimError as error:
            errors.append(str(error))
    if errors:
        more = [f"and {len(errors) - _TOLD} more"] if len(errors) > _TOLD else []
        raise ClaimError("\n".join([*errors[:_TOLD], *more]))
    return made


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
    claims = every(
        lambda one: fields.read(one[1], Place(name, one[2]), one[0]),
        zip(count(1), tables, places),
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
    claims = _read(in_markdown(lines, name))
    return Document(name, text, tuple(seen(claims, lines)))


def _read(comments: Iterable[Comment]) -> list[Claim]:
    return every(
        lambda one: fields.read(one[1].table(), one[1].place, one[0]),
        enumerate(comments, 1),
    )


def notebook(text: str, name: str) -> Document:
    """Return the claims of a notebook: comments in Markdown cells, `# claim` in code.

    Raises:
        ClaimError: If it is no notebook, or a claim is malformed.
    """
    claims = _read(_cells(text, name))
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


def _cells(text: str, name: str) -> Iterator[Comment]:
    cells = sources(text, name)
    for number, (kind, source) in enumerate(cells, 1):
        if kind == "markdown":
            after = cells[number : number + 1]
            code = after[0][1] if after and after[0][0] == "code" else ""
            yield from in_markdown(source.splitlines(), name, number, code)
        elif kind == "code":
            yield from in_code(source, name, number)
