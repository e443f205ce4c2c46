"""Reports are pure functions of a run and say what it holds."""

from __future__ import annotations

import copy
import html
import re
from typing import Any

import pytest
from sample_runs import make_run

from conformance.writers import markdown, terminal

SHOWN = (
    "seed 7",
    "numpy 2",
    "contract staged",
    "tutorial-mae",
    "2/3 = 0.6666666",
    "0.6666667",
    "K-1: 1 time, error/bound up to 7 of 9: a mechanism [unreported]",
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
    text = html.unescape(writer.write(make_run(), "file.json"))
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
