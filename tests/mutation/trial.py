"""Trials: a copy of the oracle and its tests, edited, and what the tests say of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edit_list import Edit

HERE: Final = Path(__file__).parent
SOURCES: Final = "reference"
TESTS: Final = "tests/reference"
BESIDE: Final = ("pyproject.toml", "tests/conftest.py")
TIMED: Final = f"{TESTS}/test_enclosure.py::test_it_takes_less_than_ten_milliseconds"
"""A test of speed: on a busy machine it would kill edits that no other test sees."""

_TESTS_FAILED, _NO_TESTS = 1, 5  # pytest's exit codes


class Fate(Enum):
    """How a trial ended."""

    PASSED = "survived"
    FAILED = "killed"
    TIMED_OUT = "killed by time-out"
    EMPTY = "has no test"
    BROKEN = "no verdict"


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Attributes:
        fate: How it ended.
        by: The test that failed or was running, or the end of pytest's output.
        seconds: How long it took.
        durations: The seconds of each test that passed.
    """

    fate: Fate
    by: str
    seconds: float
    durations: Mapping[str, float] = field(default_factory=dict)

    @property
    def killed(self) -> bool:
        """Did the tests notice?"""
        return self.fate in (Fate.FAILED, Fate.TIMED_OUT)


def snapshot(root: Path, to: Path) -> None:
    """Copy the oracle and its tests, so that changes meanwhile change nothing."""
    ignore = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for folder in (SOURCES, TESTS):
        shutil.copytree(root / folder, to / folder, ignore=ignore)
    for name in BESIDE:
        shutil.copy2(root / name, to / name)


def variant(original: Path, to: Path, edit: Edit) -> None:
    """Copy a snapshot with one edit made.

    The compiled tests of the snapshot go along, the compiled oracle does not: what runs
    is what was edited.
    """
    text = edit.made_in(original)
    sources = shutil.ignore_patterns("__pycache__")
    shutil.copytree(original / SOURCES, to / SOURCES, ignore=sources)
    shutil.copytree(original / "tests", to / "tests")
    shutil.copy2(original / "pyproject.toml", to)
    (to / edit.file).write_text(text, "utf-8")


def modules(root: Path) -> list[str]:
    """Return the test modules of the oracle, as paths from the root."""
    found = (root / TESTS).rglob("test_*.py")
    return sorted(path.relative_to(root).as_posix() for path in found)


def try_out(
    workspace: Path,
    tests: Sequence[str],
    *,
    order: Sequence[str] = (),
    limit: float | None = None,
) -> Outcome:
    """Run tests on the oracle of a workspace until one fails.

    Args:
        workspace: A snapshot or a variant.
        tests: Test modules, as paths from the workspace; at least one.
        order: Ids of the tests that run first.
        limit: Seconds until they are stopped; None for no limit.
    """
    start = time.monotonic()
    notes = workspace / "notes" / tests[0]
    notes.mkdir(parents=True)
    (notes / "order.json").write_text(json.dumps(list(order)), "utf-8")
    code = _exit_status(_command(notes, tests), workspace, notes / "output.txt", limit)
    events = _events(notes / "record.jsonl")
    fate, by = _judged(code, events, workspace)
    if fate is Fate.BROKEN:
        by = f"exit status {code}\n{_tail(notes / 'output.txt')}"
    durations = {e["id"]: e["seconds"] for e in events if e["event"] == "passed"}
    return Outcome(fate, by, time.monotonic() - start, durations)


def _exit_status(
    command: list[str], workspace: Path, output: Path, limit: float | None
) -> int | None:
    """Return the exit status of a command, or None if it was stopped."""
    # A file, not a pipe: nothing that outlives the process can keep us waiting.
    with output.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=workspace,
            env=_environment(workspace),
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()
            process.wait()


def _command(notes: Path, tests: Sequence[str]) -> list[str]:
    options = ["-x", "-q", "-m", "not slow", "--tb=short", f"--deselect={TIMED}"]
    plugins = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "trial_plugin"]
    record, order = notes / "record.jsonl", notes / "order.json"
    trial = [f"--trial-record={record}", f"--trial-order={order}"]
    profile = "--hypothesis-profile=trial"
    pytest = [sys.executable, "-m", "pytest"]
    return [*pytest, *options, *plugins, *trial, profile, *tests]


def _environment(workspace: Path) -> dict[str, str]:
    """Return an environment in which `reference` is the workspace's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    path = os.pathsep.join(map(str, (workspace, HERE)))
    return kept | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def _events(record: Path) -> list[dict[str, Any]]:
    if not record.is_file():
        return []
    lines = record.read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]  # the last may be half a line


def _judged(
    code: int | None, events: list[dict[str, Any]], workspace: Path
) -> tuple[Fate, str]:
    """Return a fate only where exit status and record say the same."""
    last = {event["event"]: event["id"] for event in events}
    right = Path(last.get("oracle", "")).is_relative_to(workspace)
    if not right or "uncollected" in last:
        return Fate.BROKEN, ""
    if code is None:
        return Fate.TIMED_OUT, last.get("start", "collection")
    if code == _TESTS_FAILED and "failed" in last:
        return Fate.FAILED, last["failed"]
    if code == 0 and "passed" in last and "failed" not in last:
        return Fate.PASSED, ""
    if code in (0, _NO_TESTS) and not {"passed", "failed"} & last.keys():
        return Fate.EMPTY, ""
    return Fate.BROKEN, ""


def _tail(output: Path) -> str:
    lines = output.read_text("utf-8", "replace").splitlines()
    return "\n".join(lines[-15:])
