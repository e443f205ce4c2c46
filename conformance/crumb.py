"""A trail that survives the death of its process: what was being run, and where."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


UNTRUSTED: Final = 70
"""Exit status of a worker whose open files a backend has closed."""


class Crumb:
    """A file that always holds what a worker is doing right now."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, empty."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._file = os.open(path, flags, 0o600)
        self._process = os.getpid()

    def __enter__(self) -> Self:
        """Return the trail."""
        _OPEN.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        _OPEN.remove(self)
        os.close(self._file)

    def add(self, words: str) -> None:
        """Say below what is running why the process is about to end."""
        end = os.fstat(self._file).st_size
        os.pwrite(self._file, json.dumps(words).encode() + b"\n", end)

    def drop(self, what: Mapping[str, Any]) -> None:
        """Say that `what` begins now."""
        text = json.dumps(what).encode()
        # Write first, cut later: in between, the old tail follows a complete line.
        os.pwrite(self._file, text + b"\n", 0)
        os.ftruncate(self._file, len(text) + 1)

    def lift(self) -> None:
        """Say that it ended: what follows is the tool's own work.

        A copy of this process that a backend forked ends here: there is one worker.
        """
        if os.getpid() != self._process:
            os._exit(0)
        try:
            os.ftruncate(self._file, 0)
        except OSError:
            # The backend closed what it did not open, perhaps also our way to answer:
            # the worker dies while the trail still names it.
            os._exit(UNTRUSTED)


_OPEN: Final[list[Crumb]] = []
"""The trail of this process, if it has one."""


def leave(words: str) -> None:
    """Leave last words in the trail of this process, which is about to end."""
    for crumb in _OPEN:
        with suppress(OSError):
            crumb.add(words)


def last_words(path: Path) -> str:
    """Return what the process that died said of it; empty if it said nothing."""
    try:
        lines = path.read_bytes().split(b"\n")
        return str(json.loads(lines[1])) if len(lines) == 3 else ""  # noqa: PLR2004 - what, why, nothing
    except (OSError, ValueError):
        return ""


def found(path: Path) -> dict[str, Any] | None:
    """Return what the process that died was running, or None if it was none of it."""
    try:
        line, end, _ = path.read_bytes().partition(b"\n")
        crumb: dict[str, Any] = json.loads(line) if end else {}
    except (OSError, ValueError):
        return None
    return crumb or None
