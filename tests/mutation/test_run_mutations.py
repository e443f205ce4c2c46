"""The tool tells killed edits, survivors, and runs that say nothing, apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from edit_list import Edit
from run_mutations import EDITS, KILLED, NO_VERDICT, SURVIVED, main
from trial import Fate, snapshot, try_out, variant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOURCE: Final = "def half(x: float) -> float:\n    return x / 2\n"
CHECK: Final = """
import reference.half

def test_half_of_two():
    assert reference.half.half(2) == 1
"""
SETTINGS: Final = '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n'
MODULE: Final = "tests/reference/test_half.py"

WRONG: Final = ("x / 2", "x / 3")
UNSEEN: Final = ("x / 2", "x / 2 if x < 9 else 0")
STALE: Final = ("x / 4", "x / 2")
UNREADABLE: Final = ("x / 2", "x / 2)")
ENDLESS: Final = ("    return x / 2", "    while x:\n        pass")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with one function and one test of it."""
    files = {
        "reference/__init__.py": "",
        "reference/half.py": SOURCE,
        "tests/conftest.py": "",
        "tests/reference/test_half.py": CHECK,
        "pyproject.toml": SETTINGS,
    }
    for name, text in files.items():
        path = tmp_path / "repository" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "repository"


@pytest.fixture
def run(root: Path, tmp_path: Path) -> Callable[..., int]:
    """Return what runs the tool on the repository with some edits."""

    def go(*pairs: tuple[str, str]) -> int:
        path = tmp_path / "edits.toml"
        tables = (
            f'[[edit]]\nid = "half-{i}"\nfile = "reference/half.py"\n'
            f"before = '''{before}'''\nafter = '''{after}'''\nreason = 'Of {i}.'\n"
            for i, (before, after) in enumerate(pairs)
        )
        path.write_text("".join(tables), "utf-8")
        return main(["--root", str(root), "--edits", str(path)])

    return go


@pytest.mark.slow
def test_a_survivor_is_named_and_fails(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each edit is tried by itself: one is killed, by the test named, one is not."""
    assert run(WRONG, UNSEEN) == SURVIVED
    shown = capsys.readouterr().out
    assert "test_half.py::test_half_of_two\n" in shown
    assert "1 of 2 edits killed (0 by time-out)" in shown
    assert "survived: half-1: Of 1." in shown
    assert "half-0: Of 0." not in shown


@pytest.mark.slow
def test_all_killed_is_success(run: Callable[..., int]) -> None:
    """The exit status is 0 if no edit survived."""
    assert run(WRONG) == KILLED


@pytest.mark.slow
def test_an_edit_that_cannot_be_imported_proves_nothing(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """That the tests cannot start is no sign that they notice anything."""
    assert run(UNREADABLE) == NO_VERDICT
    assert "no verdict: half-0" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("text", ["def test_it():\n    assert 0\n", "import nothing\n"])
def test_tests_that_fail_without_an_edit_prove_nothing(
    root: Path,
    run: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    text: str,
) -> None:
    """A test that fails anyway, or cannot be collected, would kill every edit."""
    (root / "tests/reference/test_other.py").write_text(text, "utf-8")
    assert run(WRONG) == NO_VERDICT
    captured = capsys.readouterr()
    assert "must pass without an edit, got\ntests/reference/test_o" in captured.err
    assert "half-0" not in captured.out


@pytest.mark.slow
def test_no_tests_prove_nothing(root: Path, run: Callable[..., int]) -> None:
    """Where no test runs, none can notice."""
    (root / MODULE).write_text("", "utf-8")
    assert run(WRONG) == NO_VERDICT


@pytest.mark.slow
def test_an_edit_that_never_ends_is_stopped(root: Path, tmp_path: Path) -> None:
    """It counts as noticed, by the test that was running, and is marked."""
    before, after = ENDLESS
    original, workspace = tmp_path / "original", tmp_path / "workspace"
    snapshot(root, original)
    variant(original, workspace, Edit("x", "reference/half.py", before, after, "It."))
    outcome = try_out(workspace, [MODULE], limit=20)
    assert outcome.fate is Fate.TIMED_OUT
    assert outcome.by == f"{MODULE}::test_half_of_two"
    assert outcome.killed


def test_a_stale_edit_stops_everything(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """No edit is tried while one of the list does not fit the source."""
    assert run(WRONG, STALE) == NO_VERDICT
    captured = capsys.readouterr()
    assert "half-1: `before` must occur exactly once" in captured.err
    assert not captured.out


def test_only_names_edits(capsys: pytest.CaptureFixture[str]) -> None:
    """An id that is not in the list is refused, and the way to the list shown."""
    assert main(["--only", "nothing"]) == NO_VERDICT
    assert "got ['nothing']; --list shows them" in capsys.readouterr().err


def test_the_list_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Every edit of the list is shown with its id and its reason."""
    assert main(["--list"]) == KILLED
    shown = capsys.readouterr().out
    for edit in Edit.read(EDITS):
        assert f"{edit.id} " in shown
        assert edit.reason in shown
