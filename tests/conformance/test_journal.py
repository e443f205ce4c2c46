"""A journal gives back what was written, even if the writer was killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.files import FileError
from conformance.journal import DamagedError, Journal, Record, journal_of
from conformance.journal import read_journal as read_text
from conformance.tally import Tally


def tally(text: str) -> dict[str, object]:
    """Return an entry with one fault."""
    made = Tally()
    made.faults[text] += 1
    return {"tally": made.to_json()}


def read_journal(path: Path) -> Record:
    """Return what the journal at `path` holds."""
    return read_text(path, path.read_text(encoding="utf-8"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a journal of three entries."""
    path = journal_of(tmp_path / "run.json")
    with Journal(path, {"seed": 7}) as journal:
        journal.add(tally("a"))
        journal.add(tally("a"))
        journal.add({"tally": Tally().to_json(), "key": ["k"], "shrunk": {"case": 1}})
        assert journal.record.tally.faults == {"a": 2}
    return path


def test_everything_written_is_read(path: Path) -> None:
    """Header, sums and shrunk witnesses come back."""
    record = read_journal(path)
    assert record.header == {"seed": 7}
    assert record.tally.faults == {"a": 2}
    assert record.shrunk == {("k",): {"case": 1}}


def test_a_line_cut_short_is_left_out(path: Path) -> None:
    """At every byte of the last line, the lines before it are read."""
    data = path.read_bytes()
    begin = data[:-1].rindex(b"\n") + 1
    for end in range(begin, len(data)):
        path.write_bytes(data[:end])
        record = read_journal(path)
        assert record.tally.faults == {"a": 2}
        assert not record.shrunk


def test_damage_in_the_middle_is_told(path: Path) -> None:
    """A line that is no entry is an error with its number, not silence."""
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = lines[1][:20]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DamagedError, match="line 2"):
        read_journal(path)


def test_a_journal_without_a_header_is_told(path: Path) -> None:
    """A run killed before its first line left nothing."""
    path.write_text('{"mark": ', encoding="utf-8")
    with pytest.raises(DamagedError, match="no complete header"):
        read_journal(path)


@pytest.mark.parametrize("line", ["7", "[]", '"tally"', '{"tally": 7}', "{}}"])
def test_a_line_of_another_kind_is_told(path: Path, line: str) -> None:
    """Valid JSON that is no entry is damage too, in the first line and later."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for at in (0, 2):
        damaged = [*lines[:at], line, *lines[at + 1 :]]
        path.write_text("\n".join(damaged), encoding="utf-8")
        if at or line != '{"tally": 7}':
            with pytest.raises(DamagedError, match=f"line {at + 1}"):
                read_journal(path)


class Full:
    """A file on a disk without room."""

    def write(self, _: str) -> None:
        """Fail as the system does."""
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        """Fail again, as what is in memory cannot be written either."""
        raise OSError(28, "No space left on device")


def test_a_disk_that_fills_up_keeps_what_was_written(path: Path) -> None:
    """The message names the journal and how to read it; leaving raises nothing new."""
    with Journal(path, {"seed": 7}) as journal:
        journal.add(tally("a"))
        journal._file.close()  # noqa: SLF001 - no other way to a full disk
        journal._file = Full()  # type: ignore[assignment]  # noqa: SLF001
        with pytest.raises(FileError, match=r"No space left.*report .*journal"):
            journal.add(tally("b"))
    assert read_journal(path).tally.faults == {"a": 1}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_full_disk_stops_the_start(tmp_path: Path) -> None:
    """The header cannot be written: that is told before any work."""
    path = tmp_path / "run.json.journal.jsonl"
    path.symlink_to("/dev/full")
    with pytest.raises(FileError, match="No space left on device"):
        Journal(path, {"seed": 7})
