"""Whole runs in real worker processes, with backends that misbehave."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from conformance import profiles
from conformance.files import FileError
from conformance.findings import Excuses, parse_known
from conformance.introduction import StartError
from conformance.journal import Journal
from conformance.memory import GIB
from conformance.plan import Scope
from conformance.profiles import Profile
from conformance.request import Request, Stop
from conformance.run import exit_code, load_run
from conformance.runner import check
from conformance.session import PATIENCE, Session, _Job
from conformance.sharding import Shard
from conformance.unit import ShrinkUnit

if TYPE_CHECKING:
    from conformance.request import Progress

PROFILE = Profile("test", pool=20, search=5, unit=10)
KNOWN = """
[[known]]
id = "K"
backend = "BACKEND"
loss = "mae"
quantity = "QUANTITY"
kind = "KIND"
dtypes = ["float32"]
reason = "for the test"
link = "unreported"
expires = 2030-01-01
witness = "pin"
"""


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import_module("fake_parts")


def request(folder: Path, *backends: str, **changes: Any) -> Request:
    """Return a request for a small run in one format."""
    fields: dict[str, Any] = {
        "scope": Scope(("mae",), ("float32",), PROFILE, 0),
        "excuses": Excuses(),
        "output": folder / "run.json",
        "jobs": 1,
        "timeout": 30.0,
        "tools": "fake_parts:parts",
    }
    return Request(backends=backends, **{**fields, **changes})


def outcome(run: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return backend, status and kind of every finding."""
    return {(f["backend"], f["status"], f["kind"]) for f in run["findings"]}


def test_a_good_backend_conforms(tmp_path: Path) -> None:
    """Corpus, pool and search are all counted; only the run file is left."""
    run = check(request(tmp_path, "good"), Stop())
    assert exit_code(run) == 0
    assert run["complete"]
    assert run["totals"]["cases"] == 2 + 20 + 5
    assert list(tmp_path.iterdir()) == [tmp_path / "run.json"]
    assert load_run(tmp_path / "run.json")["cells"] == run["cells"]
    assert [n["name"] for n in run["named"]] == ["tutorial-mae"]


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    """Units merge to the same run in whatever order they end."""
    runs = [
        check(request(tmp_path, "good", "wrong@3", jobs=jobs), Stop())
        for jobs in (1, 3)
    ]
    for run in runs:
        assert sum(run.pop("time")["workers"].values()) > 0
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("backend", "kind", "cases"),
    [
        ("crash@3", "crashed", 27),
        ("segfault@3", "crashed", 27),
        ("crash@1001", "crashed", 27),
        ("crash@2003", "crashed", 24),
        ("leave@3", "raised", 27),
        ("raise@3", "raised", 27),
        ("wrong@3", "value", 27),
        ("print@3", "value", 27),
        ("fork@3", "value", 27),
        ("interrupt@3", "raised", 27),
        ("exit@3", "crashed", 27),
        ("close@3", "crashed", 27),
    ],
)
def test_a_failure_is_pinned_to_its_case(
    tmp_path: Path, backend: str, kind: str, cases: int
) -> None:
    """One case is blamed, all others are counted, and the neighbour is untouched."""
    run = check(request(tmp_path, backend, "good"), Stop())
    ((_, status, found),) = outcome(run)
    assert found == kind
    assert status == ("violates" if kind == "value" else "error")
    assert exit_code(run) == 1
    counted = {c["backend"]: c["cases"] for c in run["cells"]}
    assert counted == {backend: cases, "good": 27}
    index = run["findings"][0]["case"]["arguments"]["input"]["base"][0]
    assert float.fromhex(index) == float(backend.partition("@")[2])


@pytest.mark.skipif(sys.platform != "linux", reason="no such limit there")
def test_a_runaway_allocation_is_pinned_to_its_case(tmp_path: Path) -> None:
    """It ends in a MemoryError at the limit, and the worker goes on."""
    run = check(request(tmp_path, "hoard@3", "good", memory=2 * GIB), Stop())
    assert outcome(run) == {("hoard@3", "error", "raised")}
    assert "MemoryError" in run["findings"][0]["verdict"]["detail"]
    assert run["totals"]["cases"] == 2 * 27


def test_a_hang_is_pinned_to_its_case(tmp_path: Path) -> None:
    """A backend that never answers costs two time-outs, not the run."""
    run = check(request(tmp_path, "hang@3", timeout=1.5), Stop())
    assert outcome(run) == {("hang@3", "error", "hung")}
    assert run["totals"]["cases"] == 27


def test_a_crash_that_does_not_repeat_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case runs well alone, so nobody is blamed, but the run does not pass."""
    monkeypatch.setenv("FAKE_PARTS_FLAG", str(tmp_path / "flag"))
    run = check(request(tmp_path, "once@3"), Stop())
    assert any("ran well alone" in text for text in run["faults"])
    assert exit_code(run) == 3


def test_a_backend_that_keeps_crashing_is_given_up(tmp_path: Path) -> None:
    """The cell is left incomplete after a few crashes instead of taking hours."""
    run = check(request(tmp_path, "always-crash"), Stop())
    assert run["findings"][0]["count"] >= PATIENCE
    assert run["findings"][0]["count"] < 27
    assert any("given up" in text for text in run["faults"])
    assert run["missing"] == [["MAE-VALUE", "always-crash", "float32"]]
    (evidence,) = run["evidence"]
    assert evidence["counts"] == {"error: not run": 27 - PATIENCE}
    assert exit_code(run) == 3


@pytest.mark.parametrize("broken", ["CHECK", "BUILDER", "UNSENDABLE"])
def test_our_own_fault_never_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """A check that raises, a case nobody can draw, a record that cannot be sent."""
    monkeypatch.setenv(f"FAKE_PARTS_{broken}", "3")
    run = check(request(tmp_path, "good"), Stop())
    assert len(run["faults"]) == 1
    assert not run["findings"]
    assert exit_code(run) == 3


def test_a_backend_may_refuse_a_case(tmp_path: Path) -> None:
    """The reason is counted; the case is not."""
    run = check(request(tmp_path, "refuse@13"), Stop())
    assert run["cells"][0]["skipped"] == {"unlucky": 1}
    assert run["totals"]["cases"] == 26
    assert exit_code(run) == 0


@pytest.mark.parametrize(
    ("spec", "part"),
    [("absent", "known: good"), ("fatal", "exit status 5")],
)
def test_a_backend_that_cannot_be_loaded_stops_the_start(
    tmp_path: Path, spec: str, part: str
) -> None:
    """Even if loading it ends the process; no run file is written."""
    with pytest.raises(StartError, match=part):
        check(request(tmp_path, "good", spec), Stop())
    assert not list(tmp_path.iterdir())


def test_shrinking_has_a_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody came to keeps the witness that was met, and a note says so."""
    wrong = check(request(tmp_path, "wrong@1002"), Stop())
    assert all(f["shrunk"] for f in wrong["findings"])
    assert not wrong["notes"]
    monkeypatch.setitem(profiles.SHRINKING, "quick", 0.0)
    late = check(request(tmp_path, "wrong@1002"), Stop())
    assert [f["case"] for f in late["findings"]] == [
        f["case"] for f in wrong["findings"]
    ]
    assert not any(f["shrunk"] for f in late["findings"])
    (note,) = late["notes"]
    assert note.startswith("findings that keep the witness that was met first")
    assert note.endswith(f": {len(late['findings'])}")
    assert late["complete"]


def test_witnesses_share_the_time_that_is_left(tmp_path: Path) -> None:
    """Two lanes have twice the time; none gets more than a witness may take."""
    asked = request(tmp_path, "wrong@1002")
    with Journal(tmp_path / "journal", {}) as journal:
        session = Session(asked, Stop(), lambda _: None, (), journal)
        unit = ShrinkUnit({}, "wrong@1002", "value", "value", 9, 4.0)
        session.queue.extend([_Job(unit, tmp_path)] * 9)
        session.end = time.monotonic() + 20
        seconds = [
            one.seconds
            for lanes in (1, 2, 30)
            if isinstance(one := session.in_time(unit, lanes), ShrinkUnit)
        ]
    assert seconds == pytest.approx([2.0, 4.0, 4.0], rel=0.05)


DIES = """
import os, sys
print('{"protocol": 1, "losses": ["mae"], "dtypes": ["float32"]}', flush=True)
sys.stdin.readline()
sys.stderr.write('oops\\nno more\\n')
sys.stderr.flush()
os._exit(7)
"""


def test_a_finding_has_the_status_and_last_words_of_a_program(tmp_path: Path) -> None:
    """Not those of the worker that ended with it."""
    (tmp_path / "dies.py").write_text(DIES, encoding="utf-8")
    spec = f"process:{sys.executable} {tmp_path / 'dies.py'}"
    (found,) = check(request(tmp_path, spec), Stop())["findings"]
    assert (found["kind"], found["count"]) == ("crashed", PATIENCE)
    words = "the program ended with exit status 7; its last words: oops / no more"
    assert found["verdict"]["detail"] == words


def test_one_death_before_the_run_does_not_stop_it(tmp_path: Path) -> None:
    """Only a backend that never gets through its introduction cannot be used."""
    run = check(request(tmp_path, f"late@{tmp_path / 'met'}"), Stop())
    assert run["totals"]["cases"] > 0
    with pytest.raises(StartError, match="each time it was loaded or asked tiny calls"):
        check(request(tmp_path, "fatal"), Stop())


def known(backend: str, quantity: str, kind: str, more: str = "") -> Excuses:
    """Return one known finding."""
    text = KNOWN.replace("BACKEND", backend).replace("KIND", kind)
    return Excuses(parse_known(text.replace("QUANTITY", quantity) + more, "k"))


def test_a_known_finding_excuses_and_stays_pinned(tmp_path: Path) -> None:
    """Its witness, a corpus case, fails as listed: the run passes and shows it."""
    excuses = known("wrong@1002", "value", "value", "ceiling = 1.0\n")
    run = check(request(tmp_path, "wrong@1002", excuses=excuses), Stop())
    assert exit_code(run) == 0
    assert outcome(run) == {("wrong@1002", "known", "value")}
    (entry,) = run["known"]
    assert (entry["count"], entry["stale"]) == (1, [])
    assert entry["confirmed"] == [["wrong@1002", "float32"]]


def test_a_known_crash_is_excused_too(tmp_path: Path) -> None:
    """What leaves no output can be known as well."""
    excuses = known("crash@1002", "call", "crashed")
    run = check(request(tmp_path, "crash@1002", excuses=excuses), Stop())
    assert outcome(run) == {("crash@1002", "known", "crashed")}
    assert run["known"][0]["confirmed"]


def test_a_known_finding_that_was_fixed_fails(tmp_path: Path) -> None:
    """Its witness conforms now: the entry is stale."""
    excuses = known("good", "value", "value", "ceiling = 1.0\n")
    run = check(request(tmp_path, "good", excuses=excuses), Stop())
    assert run["known"][0]["stale"] == [["good", "float32"]]
    assert exit_code(run) == 1


def test_a_witness_whose_call_fails_says_nothing(tmp_path: Path) -> None:
    """Whether its value is right did not show: the entry is neither stale nor met."""
    excuses = known("crash@1002", "value", "value", "ceiling = 1.0\n")
    run = check(request(tmp_path, "crash@1002", excuses=excuses), Stop())
    (entry,) = run["known"]
    assert (entry["stale"], entry["confirmed"]) == ([], [])
    assert outcome(run) == {("crash@1002", "error", "crashed")}


def test_a_finding_of_another_version_may_be_fixed(tmp_path: Path) -> None:
    """The report says so; the run does not fail for it."""
    excuses = known("good", "value", "value", "ceiling = 1.0\n")
    (entry,) = excuses.entries
    old = replace(excuses, entries=(replace(entry, versions={"numpy": "0.1"}),))
    run = check(request(tmp_path, "good", excuses=old), Stop())
    assert run["known"][0]["elsewhere"] == [["good", "float32"]]
    assert exit_code(run) == 0


def test_a_request_to_stop_leaves_what_there_is(tmp_path: Path) -> None:
    """After the first unit the run ends, incomplete, with that unit counted."""
    stop = Stop()

    def observe(_: Progress) -> None:
        stop.reason = "interrupted"

    run = check(request(tmp_path, "good"), stop, observe)
    assert (run["stop"], run["complete"]) == ("interrupted", False)
    assert run["totals"]["cases"] == 2
    assert exit_code(run) == 130
    assert load_run(tmp_path / "run.json")["totals"]["cases"] == 2


def test_a_request_to_stop_before_the_start_still_leaves_a_file(tmp_path: Path) -> None:
    """Nothing was run, and the file says so."""
    run = check(request(tmp_path, "good"), Stop("interrupted"))
    assert exit_code(run) == 130
    assert load_run(tmp_path / "run.json")["totals"]["cases"] == 0


def test_a_run_file_that_cannot_be_written_leaves_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old run file is kept, and the message says how to read what was found."""
    (tmp_path / "run.json").write_text("old")

    def full(_: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FileError, match=r"No space left.*report .*journal\.jsonl"):
        check(request(tmp_path, "good"), Stop())
    assert (tmp_path / "run.json").read_text() == "old"
    assert load_run(tmp_path / "run.json")["totals"]["cases"] == 27


def test_a_journal_that_cannot_be_begun_stops_the_start(tmp_path: Path) -> None:
    """A folder is in its place: that is told before any work."""
    (tmp_path / "run.json.journal.jsonl").mkdir()
    with pytest.raises(StartError, match="Is a directory"):
        check(request(tmp_path, "good"), Stop())


def test_there_are_no_more_shards_than_units(tmp_path: Path) -> None:
    """Each has some work; the message says how many there may be."""
    shard = Shard(1, 5)
    with pytest.raises(StartError, match="units of work, 4 here, got --shard 1/5"):
        check(request(tmp_path, "good", shard=shard), Stop())
    assert not list(tmp_path.iterdir())
