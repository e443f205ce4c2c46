"""The run file: what it says about the exit code, and how it is read."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance import environment
from conformance.backend import Capabilities
from conformance.case import Array, Case
from conformance.findings import Excuses, Known
from conformance.journal import DamagedError, Journal, Record, journal_of
from conformance.plan import Subject
from conformance.profiles import PROFILES
from conformance.run import build_run, exit_code, finding_id, load_run, save_run
from conformance.tally import Finding, Support, Tally, size_of
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from pathlib import Path

SUBJECT = Subject("a", "a", Capabilities(frozenset({"mae"}), frozenset({"float32"})))
HEADER: dict[str, Any] = {
    "shard": None,
    "seed": 0,
    "pool_version": 1,
    "corpus": [],
    "oracle": {"version": "0", "source": "0" * 12},
    "profile": dict(vars(PROFILES["quick"])),
    "losses": ["mae"],
    "dtypes": ["float32"],
    "today": "2026-01-01",
    "excuses": [],
    "environment": {**environment.describe(), "workers": {}},
    "other_environments": [],
    "backends": [SUBJECT.to_json()],
    "plan": {"planned": [["REQ", "a", "float32"]], "unsupported": []},
    "requirements": [
        {
            "id": "REQ",
            "statement": "is right",
            "source": "arithmetic",
            "loss": "mae",
            "quantity": "value",
            "rule": "R",
        }
    ],
}
CASE = Case(
    "mae", "float32", {n: Array.of([1.0], "float32") for n in ("input", "target")}
)
KNOWN = Known(
    "K", "a", "mae", "*", "value", ("float32",), "", "", dt.date(2030, 1, 1), "pin",
    ceiling=2.0,
)  # fmt: skip


def record(*statuses: Status) -> Record:
    """Return a record in which the planned requirement got some verdicts."""
    tally = Tally()
    if statuses:
        tally.support["REQ", "a", "float32"] = Support()
    from conformance.cells import Cell

    cell = tally.cells.setdefault(("a", "mae", "float32"), Cell())
    for status in statuses:
        cell.counts[str(status)] += 1
        if status is not Status.CONFORMS:
            key = ("a", "mae", "float32", "value", "value", str(status), "")
            verdict = Verdict("value", status, "value").to_json()
            tally.findings[key] = Finding(
                1, cell.ratio, size_of(CASE), CASE.to_json(), verdict
            )
    return Record(HEADER, tally)


def code(made: Record, stop: str = "finished", *known: Known) -> int:
    """Return the exit code of a record."""
    return exit_code(build_run(made, Excuses(known, dt.date(2026, 1, 1)), stop))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.CONFORMS, 0),
        (Status.VACUOUS, 0),
        (Status.KNOWN, 0),
        (Status.SUSPECT, 0),
        (Status.UNSUPPORTED, 0),
        (Status.VIOLATES, 1),
        (Status.WRONG_CLASS, 1),
        (Status.ERROR, 1),
        (Status.ACCEPTED_INVALID, 1),
        (Status.INCONCLUSIVE, 3),
    ],
)
def test_the_exit_code_of_a_status(status: Status, expected: int) -> None:
    """Each status that a verdict can have leads to one exit code."""
    assert code(record(status)) == expected


def test_every_status_is_in_the_table() -> None:
    """A new status cannot slip through as success."""
    (mark,) = (m for m in test_the_exit_code_of_a_status.pytestmark)  # type: ignore[attr-defined]
    assert {status for status, _ in mark.args[1]} == set(Status)


def test_precedence() -> None:
    """130 before 3 before 1 before 5 before 0."""
    bad = record(Status.VIOLATES)
    assert code(bad) == 1
    bad.tally.faults["broken"] += 1
    assert code(bad) == 3
    assert code(bad, "interrupted") == 130
    assert code(record(Status.VIOLATES, Status.INCONCLUSIVE)) == 3
    assert code(bad, "killed") == 3


def test_a_planned_requirement_without_verdict_is_incomplete() -> None:
    """It is listed, and the run does not pass."""
    run = build_run(record(), Excuses(), "finished")
    assert run["missing"] == [["REQ", "a", "float32"]]
    assert not run["complete"]
    assert exit_code(run) == 3


def test_nothing_planned_and_nothing_checked() -> None:
    """An empty run is not a success."""
    empty = {**HEADER, "plan": {"planned": [], "unsupported": []}}
    assert code(Record(empty)) == 5


def test_a_known_finding_that_is_fixed_is_stale() -> None:
    """Its pinned witness conforms: the entry has to go."""
    made = record(Status.CONFORMS)
    made.tally.pinned["K", "a", "float32"] = True
    assert code(made, "finished", KNOWN) == 0
    made.tally.pinned["K", "a", "float32"] = False
    assert code(made, "finished", KNOWN) == 1


def test_a_known_finding_of_other_cells_is_left_out() -> None:
    """Only entries about what was run are in the file."""
    other = Known(**{**vars(KNOWN), "loss": "mse"})
    run = build_run(record(Status.CONFORMS), Excuses((KNOWN, other)), "finished")
    assert [entry["id"] for entry in run["known"]] == ["K"]


def test_a_run_file_comes_back(tmp_path: Path) -> None:
    """What was saved is what is loaded, and nothing else is left in the folder."""
    path = tmp_path / "run.json"
    run = build_run(record(Status.VIOLATES), Excuses((KNOWN,)), "finished")
    save_run(run, path)
    assert load_run(path) == json.loads(json.dumps(run))
    assert list(tmp_path.iterdir()) == [path]
    assert "Infinity" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["run.json", "run.json.journal.jsonl"])
def test_a_journal_stands_for_the_run_that_was_killed(
    tmp_path: Path, name: str
) -> None:
    """It is found beside the run file, even beside an older one, or by its own name."""
    path = tmp_path / "run.json"
    save_run(build_run(record(Status.VIOLATES), Excuses(), "finished"), path)
    with Journal(journal_of(path), HEADER) as journal:
        journal.add({"tally": record(Status.CONFORMS).tally.to_json()})
    run = load_run(tmp_path / name)
    assert (run["stop"], run["complete"]) == ("killed", False)
    assert run["totals"]["verdicts"] == {"conforms": 1}


def test_a_damaged_journal_says_how_to_read_the_run_before(tmp_path: Path) -> None:
    """A run that ended before it began does not hide the one before for good."""
    path = tmp_path / "run.json"
    save_run(build_run(record(Status.VIOLATES), Excuses(), "finished"), path)
    journal_of(path).write_text('{"mark": "loss-conformance journal"', "utf-8")
    with pytest.raises(DamagedError, match=r"ended before it began; or delete it to"):
        load_run(path)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "damaged"),
        ("{", "damaged"),
        ("[]", "not a run file"),
        ('{"schema": "other"}', "not a run file"),
        ('{"schema": "loss-conformance run", "schema_version": 1}', "version 1"),
        ('{"schema": "loss-conformance run", "schema_version": 2}', "lacks .*backends"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, part: str) -> None:
    """The message says whether it is damaged, foreign or of another version."""
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DamagedError, match=part):
        load_run(path)


def test_a_finding_has_the_same_id_in_every_run() -> None:
    """The id depends on what fails, not on the witness."""
    assert finding_id(("a", "mae")) == finding_id(("a", "mae"))
    assert finding_id(("a", "mae")) != finding_id(("a", "mse"))
