"""Files read whole, and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PROBE: Final = 1 << 16
"""Bytes that must fit on the disk before work starts that is to be written there."""


class FileError(Exception):
    """A file cannot be read or written; the message says which and why."""


def is_file(path: Path) -> bool:
    """Is there a regular file? A name that none can have is an answer too."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def same(one: Path, other: Path) -> bool:
    """Do two names lead to the same place?"""
    # Unlike `Path.resolve`, this raises nothing where links go round in a circle.
    return os.path.realpath(one) == os.path.realpath(other)


def read(path: Path) -> str:
    """Return the text of a regular file; nothing else is waited for.

    Raises:
        FileError: If there is none, or it is not UTF-8.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder" if path.is_dir() else "a pipe or a device"
            raise FileError(_said(path, "read", f"it must be a file, got {kind}"))
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        why = f"it must be UTF-8, got byte {error.object[error.start]:#04x}"
        raise FileError(_said(path, "read", f"{why} at {error.start}")) from error
    except (OSError, ValueError, MemoryError) as error:
        raise FileError(_said(path, "read", _why(error))) from error


def replace(path: Path, text: str) -> None:
    """Write a file in one step, see `writing`.

    Raises:
        FileError: If it cannot be written; the old one is untouched then.
    """
    with writing(path) as file:
        file.write(text.encode())


@contextlib.contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Give a block a file to write; a reader sees the old one or the whole new one.

    What is not a regular file, such as /dev/stdout, is written to as it is.

    Raises:
        FileError: If it cannot be written; the old one is untouched then.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
        else:
            with _swapped(path.resolve()) as file:
                yield file
    except (OSError, RuntimeError, ValueError) as error:
        raise FileError(_said(path, "written", _why(error))) from error


@contextlib.contextmanager
def _swapped(path: Path) -> Iterator[IO[bytes]]:
    # In the same folder, since only there a file takes another's place in one step.
    scratch = path.with_name(f".{path.name[:200]}.{os.getpid()}.tmp")
    try:
        with scratch.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, scratch)
        scratch.replace(path)
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink()


def probe(path: Path) -> None:
    """Refuse a file that could not be written at the end of long work.

    Raises:
        FileError: If its folder is missing, read-only or full, or it is a folder.
    """
    try:
        os.access(path, os.F_OK)  # raises where the name cannot be one
        if path.is_dir():
            raise FileError(_said(path, "written", "it must be a file, got a folder"))
        if path.exists() and not path.is_file():
            return
        folder = path.resolve().parent
        if not folder.is_dir():
            why = "its folder must exist: create it or name another file"
            raise FileError(_said(path, "written", why))
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE))
            file.flush()
    except (OSError, RuntimeError, ValueError) as error:
        raise FileError(_said(path, "written", _why(error))) from error


def _said(path: Path, done: str, why: str) -> str:
    return f"{path} cannot be {done}: {why}"


def _why(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or "too little memory"
