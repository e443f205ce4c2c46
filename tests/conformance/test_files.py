"""Files are read whole or refused, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from conformance.files import FileError, probe, read, replace

FULL = Path("/dev/full")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"\xff\xfea\x00", "must be UTF-8, got byte 0xff at 0"),
        (b"ab\x80", "got byte 0x80 at 2"),
    ],
)
def test_another_encoding_is_refused(tmp_path: Path, data: bytes, part: str) -> None:
    """The message says which byte is not UTF-8."""
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(FileError, match=part):
        read(path)


@pytest.mark.parametrize("name", ["none", "none/x", "\0", "x" * 300, ".", "pipe"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    """A missing file, a folder, a pipe that nobody writes to: nothing is waited for."""
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="cannot be read: "):
        read(tmp_path / name)


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    """The new text, the old permissions, the same link, and nothing else left."""
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to("file")
    replace(link, "nëw\n")
    assert path.read_bytes() == "nëw\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [path, link]


def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a half of the new one nor a scratch file is left."""
    path = tmp_path / "file"
    path.write_text("old")

    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="written: No space left"):
        replace(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_is_written_to_and_stays_one() -> None:
    """It is not replaced by a file of its name."""
    replace(Path(os.devnull), "text")
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(not FULL.exists(), reason="no such device")
def test_a_device_that_is_full_is_told_of() -> None:
    """The message is that of the system."""
    with pytest.raises(FileError, match="No space left"):
        replace(FULL, "text")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("none/x", "its folder must exist"),
        ("folder", "must be a file, got a folder"),
        ("file/x", "its folder must exist"),
        ("x" * 300, "too long"),
        ("\0", "null"),
    ],
)
def test_what_could_not_be_written_is_refused_first(
    tmp_path: Path, name: str, part: str
) -> None:
    """Before any work; nothing is left behind."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=part):
        probe(tmp_path / name)
    probe(tmp_path / "new")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_disk_without_room_is_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room is tried, not only permission, which a superuser always has."""

    def full(**_: Any) -> NoReturn:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(FileError, match="Read-only file system"):
        probe(tmp_path / "x")
