"""What was found so far, on disk as it arrives: a kill loses only units in flight."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from conformance.files import FileError
from conformance.packing import dumps, loads
from conformance.tally import Key, Tally

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIX: Final = ".journal.jsonl"
MARK: Final = "loss-conformance journal"


def journal_of(run: Path) -> Path:
    """Return where the journal of a run file is."""
    return run.parent / (run.name + SUFFIX)


@dataclass
class Record:
    """The content of a journal.

    Attributes:
        header: What was known before the first unit.
        tally: Everything counted.
        shrunk: Key of a finding → its smaller witness.
    """

    header: Mapping[str, Any]
    tally: Tally = field(default_factory=Tally)
    shrunk: dict[Key, Mapping[str, Any]] = field(default_factory=dict)

    def apply(self, entry: Mapping[str, Any]) -> None:
        """Add one line."""
        if "tally" in entry:
            self.tally.merge(Tally.from_json(entry["tally"]))
        if entry.get("shrunk"):
            self.shrunk[tuple(entry["key"])] = entry["shrunk"]


class Journal:
    """Writes entries line by line, and keeps their sum.

    Each method raises `FileError` where the file cannot be written; what was written
    before stays readable.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Start the file at `path` with its header."""
        self.path = path
        self.record = Record(header)
        try:
            self._file = path.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            msg = f"{path} cannot be written: {error.strerror}"
            raise FileError(msg) from error
        try:
            self._write({"mark": MARK, "header": header})
        except FileError:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        """Return the journal."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; it stays until the run file is written."""
        # Every line was flushed. One that could not be would fail here once more.
        with contextlib.suppress(OSError):
            self._file.close()

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write one entry and add it to the sum."""
        self._write(entry)
        self.record.apply(entry)

    def _write(self, entry: Mapping[str, Any]) -> None:
        try:
            self._file.write(dumps(entry) + "\n")
            self._file.flush()
        except OSError as error:
            msg = (
                f"{self.path} cannot be written any more: {error.strerror}; it holds "
                f"what was found before: `loss-conformance report {self.path}`"
            )
            raise FileError(msg) from error


class DamagedError(Exception):
    """A file is not what it should be; the message says what to do."""


def is_journal(text: str) -> bool:
    """Does a file's text begin as a journal?"""
    return MARK in text.partition("\n")[0]


def read_journal(path: Path, text: str) -> Record:
    """Return the content of a journal; a last line cut short is left out.

    Args:
        path: What messages call it.
        text: The text of the file.

    Raises:
        DamagedError: If another line is not an entry.
    """
    lines = text.split("\n")
    header = _header(path, lines[0]) if lines[1:] else None
    if header is None:
        msg = f"{path} has no complete header: the run ended before it began"
        raise DamagedError(msg)
    record = Record(header)
    for number, line in enumerate(lines[1:-1], start=2):
        try:
            record.apply(loads(line))
        except _UNSOUND as error:
            raise DamagedError(_damaged(path, number)) from error
    return record


_UNSOUND: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What an entry that is none may raise while it is added."""


def _header(path: Path, line: str) -> Mapping[str, Any] | None:
    try:
        header: Mapping[str, Any] | None = loads(line).get("header")
    except _UNSOUND as error:
        raise DamagedError(_damaged(path, 1)) from error
    return header


def _damaged(path: Path, number: int) -> str:
    return f"{path} is damaged in line {number}: run `loss-conformance check` again"
