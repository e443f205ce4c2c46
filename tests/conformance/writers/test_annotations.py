"""GitHub is told each finding by a command that nothing in it can leave."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from sample_runs import RUDE, large_run, make_run, rude_run, sound_run

from conformance.run import exit_code
from conformance.writers import annotations
from conformance.writers.registry import render

COMMAND = re.compile(r"::error title=([^:,\r\n]*)::([^\r\n]*)\n")


def errors(text: str) -> list[tuple[str, str]]:
    """Return title and message of each command; all of the text has to be commands."""
    assert re.fullmatch(f"(?:{COMMAND.pattern})*", text)
    return [(unquote(t), unquote(m)) for t, m in COMMAND.findall(text)]


def test_a_finding_is_an_error_with_its_witness() -> None:
    """The title says what is wrong, the message how to see it."""
    run = {**sound_run(), "findings": make_run()["findings"][:1]}
    ((title, message),) = errors(render("annotations", run, "my run.json"))
    assert title == "bad: mae in float32: value is outside its bound"
    assert "  input     [1, 2, 3]  float32 3\n" in message
    assert "--run 'my run.json'" in message


def test_rude_names_give_no_command_of_their_own() -> None:
    """Line ends and colons of a name are escaped; two colons begin no command."""
    run = rude_run()
    run["findings"][0]["backend"] = "x\r\n::error::y, %0A" + RUDE
    found = errors(annotations.write(run, "file.json"))
    assert any(title.startswith("x\r\n::error::y, %0A") for title, _ in found)


@pytest.mark.parametrize(("findings", "lines"), [(1, 1), (10, 10), (11, 10), (700, 10)])
def test_no_more_than_github_shows(findings: int, lines: int) -> None:
    """Those that are left out are counted by the last one."""
    run = {**sound_run(), "findings": large_run(1, findings)["findings"]}
    found = errors(render("annotations", run, "file.json"))
    assert len(found) == lines
    if findings > 10:
        assert found[-1][1] == f"{findings - 9} more; all of them are in file.json"


def test_there_is_an_error_unless_the_exit_code_is_0() -> None:
    """What is incomplete or stale is told too, before any finding."""
    full = make_run()
    runs = [
        sound_run(),
        {**sound_run(), "faults": {"lost": 1}},
        {**sound_run(), "known": full["known"]},
        {**sound_run(), "stop": "interrupted"},
        {**sound_run(), "findings": full["findings"][:1]},
        {**sound_run(), "totals": {"cases": 0, "elements": 0, "verdicts": {}}},
        full,
    ]
    for run in runs:
        found = errors(render("annotations", run, "file.json"))
        assert bool(found) == bool(exit_code(run))
    title, message = errors(render("annotations", full, "x"))[0]
    assert title == "loss-conformance"
    assert "K-1: STALE" in message
    assert "a mechanism" not in message
