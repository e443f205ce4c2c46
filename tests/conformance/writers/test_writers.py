"""Reports are pure functions of a run and say what it holds."""

from __future__ import annotations

import copy
import datetime as dt
import re
from typing import Any

import pytest

from conformance.case import Array, Case
from conformance.cells import Scored
from conformance.findings import Excuses, Known
from conformance.journal import Record
from conformance.run import build_run
from conformance.tally import Tally
from conformance.verdict import Evidence, Status, Verdict
from conformance.writers import markdown, terminal


def known() -> Known:
    """Return a known finding of the run."""
    day = dt.date(2030, 1, 1)
    return Known("K-1", "b*", "mae", "value", "value", ("float32",), "a mechanism",
                 "unreported", day, "pin", ceiling=9.0)  # fmt: skip


def make_run() -> dict[str, Any]:
    """Return a run with everything a report can show."""
    arrays = {"input": Array.of([1.0, 2.0, 3.0], "float32")}
    arrays["target"] = Array.of([1.0, 2.0, 5.0], "float32")
    case = Case("mae", "float32", arrays, origin="pool:0:1")
    evidence = Evidence((0,), "2/3", "0x1.5p-1", "0.6", "0x1.3p-1", "0.07", "0.01", "R")
    bad = Verdict("value", Status.VIOLATES, "value", 1, ratio=7.0, measured=1,
                  evidence=evidence)  # fmt: skip
    tally = Tally()
    for backend, status, name in (
        ("bad", Status.VIOLATES, ""),
        ("bk", Status.KNOWN, "K-1"),
        ("good", Status.CONFORMS, ""),
        ("sus", Status.SUSPECT, ""),
    ):
        scored = Scored(bad, status, name, Status.VIOLATES, ("MAE-VALUE",))
        tally.add(backend, case, [scored])
    tally.named["tutorial-mae", "good", "mae", "float32"] = {
        "reason": "the first <example>",
        "case": case.to_json(),
        "exact": "2/3",
        "got": "0.6666667",
        "status": "conforms",
    }
    tally.pinned["K-1", "bk", "float32"] = False
    tally.faults["a check | broke"] += 2
    tally.notes["search lost 3"] += 1
    contract = {"name": "staged", "exp_ulps": 2.0, "log_ulps": 1.0, "lanes": None}
    names = ("bad", "bk", "good", "sus")
    header = {
        "seed": 7,
        "profile": {"name": "quick", "pool": 10, "search": 3},
        "losses": ["mae"],
        "dtypes": ["float32"],
        "environment": {
            "python": "3.11",
            "packages": {"numpy": "2"},
            "platform": "Linux",
            "loss_conformance": "0.1.0",
        },
        "backends": [{"name": n, "spec": n, "contract": contract} for n in names],
        "plan": {
            "planned": [["MAE-NONE", "good", "float32"]],
            "unsupported": [["MSE-VALUE", "good", "float32", "not offered"]],
        },
        "requirements": [
            {"id": "MAE-VALUE", "statement": "The value is right.", "source": "torch",
             "loss": "mae", "quantity": "value", "rule": "R"}
        ],
    }  # fmt: skip
    excuses = Excuses((known(),), dt.date(2026, 1, 1))
    return build_run(Record(header, tally), excuses, "finished")


SHOWN = (
    "seed 7",
    "numpy 2",
    "contract staged",
    "tutorial-mae",
    "2/3 = 0.6666666",
    "0.6666667",
    "K-1: 1 times, error/bound up to 7 of 9: a mechanism [unreported]",
    "STALE",
    "bad: mae in float32: value is outside its bound",
    "loss-conformance replay",
    "--run file.json",
    "no verdict on good in float32: MAE-NONE",
    "(2 times)",
    "search lost 3",
    "suspect",
    "xit 3: incomplete",
)


@pytest.mark.parametrize("writer", [terminal, markdown], ids=["terminal", "markdown"])
def test_a_report_shows_everything(writer: Any) -> None:
    """Versions, table, examples, known and new findings, replay, gaps, exit code."""
    text = writer.write(make_run(), "file.json")
    for part in SHOWN:
        assert part in text


@pytest.mark.parametrize("writer", [terminal, markdown], ids=["terminal", "markdown"])
def test_a_report_depends_on_the_run_alone(writer: Any) -> None:
    """The same run gives the same text, and is left as it was."""
    run = make_run()
    before = copy.deepcopy(run)
    assert writer.write(run, "x") == writer.write(before, "x")
    assert run == before


def test_plain_text_has_no_escapes_and_is_not_folded() -> None:
    """Without a terminal a table row is one line, whatever its width."""
    text = terminal.write(make_run(), "file.json")
    assert "\x1b" not in text
    (row,) = re.findall(r"^bad .*violates.*$", text, flags=re.MULTILINE)
    assert row.split()[1:4] == ["mae", "float32", "1"]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_width_loses_the_replay_line(width: int) -> None:
    """A narrow terminal may wrap a line, but we never cut one."""
    text = terminal.write(make_run(), "file.json", width=width, color=True)
    assert "\x1b" in text
    assert re.search(r"loss-conformance replay [0-9a-f]{12} --run file.json", text)


@pytest.mark.parametrize("writer", [terminal, markdown], ids=["terminal", "markdown"])
def test_the_replay_line_can_be_pasted(writer: Any) -> None:
    """A run file with a space in its name is quoted for the shell."""
    text = writer.write(make_run(), "my folder/run.json")
    assert "--run 'my folder/run.json'" in text
    assert "1 such verdict in this run" in text


def test_what_was_not_checked_is_grouped() -> None:
    """Requirements with one backend, dtypes and reason share a row; none is lost."""
    run = make_run()
    run["plan"]["unsupported"] = [
        [name, "b", dtype, f"{name[:3].lower()} is not offered"]
        for name in ("MSE-A", "MSE-B", "MAE-A")
        for dtype in ("float16", "float32")
    ] + [["MSE-C", "b", "float32", "why"]]
    text = markdown.write(run, "file.json")
    for row in (
        "| MSE-A, MSE-B | b | float16, float32 | mse is not offered |",
        "| MAE-A | b | float16, float32 | mae is not offered |",
        "| MSE-C | b | float32 | why |",
    ):
        assert row in text


def test_only_requirements_of_losses_checked_are_explained() -> None:
    """A report on one loss does not list what the others require."""
    run = make_run()
    run["requirements"].append({**run["requirements"][0], "id": "Q-1", "loss": "mse"})
    assert "- MAE-VALUE: " in markdown.write(run, "file.json")
    assert "- Q-1: " not in markdown.write(run, "file.json")


def test_markdown_escapes_what_others_wrote() -> None:
    """Text of a backend or a corpus case cannot become markup of the page."""
    text = markdown.write(make_run(), "file.json")
    assert "<example>" not in text
    assert "&lt;example&gt;" in text
