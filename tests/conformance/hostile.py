"""How hostile input is given to the command line, and what must hold whatever it is.

A new kind of input is one row in a table of `test_hostile_*.py`: the words of a
command, the file it reads, and the exit code. `Attack` checks the rest.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from conformance.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

MARK = "executed"
"""Name of the file that hostile code tries to make."""

CODE = f"open({MARK!r}, 'w')"
"""Python that shows that it was run."""

LONGEST = 3000
"""Characters of an error; what is long in a file is cut in the message."""

PAYLOADS = {
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "csi": "\x9b31m",
    "nul": "a\x00b",
    "override": "\u202egnp.exe",
    "line": "\u2028x\r\nexit 0: all conforms",
    "html": "<script>alert(1)</script><img src=x onerror=y>",
    "surrogate": "\udc80",
}
"""Texts that act on terminals, readers or pages, or that nothing can encode."""


@dataclass(frozen=True)
class Attack:
    """One folder, in which commands are given hostile input.

    Attributes:
        folder: The working folder.
        read: Returns what was printed on standard output and standard error.
    """

    folder: Path
    read: Callable[[], tuple[str, str]]

    def file(self, name: str, content: str | bytes) -> Path:
        """Return a new file of some content."""
        path = self.folder / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)
        return path

    def __call__(
        self, *words: str, codes: Collection[int] = (2,), makes: Collection[str] = ()
    ) -> str:
        """Return all that a command prints, after checking what always holds.

        Args:
            words: The command line.
            codes: The exit codes that are right.
            makes: Files that it is to write or change.
        """
        before = self._content()
        with pytest.raises(SystemExit) as ended:
            main(words)
        out, err = self.read()
        text = out + err
        assert ended.value.code in codes, text
        assert "Traceback" not in text, text
        assert not acting(text), text
        if ended.value.code == 2:
            paragraph = err.rpartition("Error: ")[2]
            assert paragraph.strip(), text
            assert len(paragraph) < LONGEST, text
            assert "\n\n" not in paragraph, text
        after = self._content()
        changed = {n for n in before | after if before.get(n) != after.get(n)}
        assert changed <= set(makes)
        return text

    def _content(self) -> dict[str, bytes | None]:
        return {
            str(path.relative_to(self.folder)): _bytes(path)
            for path in self.folder.rglob("*")
        }


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def acting(text: str) -> list[str]:
    """Return the characters of `text` that act on a terminal or reorder a line."""
    kinds = {"Cc", "Cs", "Zl", "Zp"}
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return [
        c
        for c in text
        if c != "\n"
        and (unicodedata.category(c) in kinds or unicodedata.bidirectional(c) in bidi)
    ]


@pytest.fixture
def attack(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Attack:
    """Return an empty folder to attack commands in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    # Matplotlib keeps what it found out about fonts in the user's folder.
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path_factory.getbasetemp()))
    for name in [n for n in os.environ if n.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    return Attack(tmp_path, lambda: tuple(capsys.readouterr()))  # type: ignore[arg-type, return-value]
