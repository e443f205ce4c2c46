"""The last line of a report says how the run ended, and what stands nevertheless."""

from __future__ import annotations

from typing import Any

from conformance.writers.facts import headline

FINDING = {"status": "violates"}


def run(**changes: Any) -> dict[str, Any]:
    """Return what of a run the headline reads."""
    return {
        "totals": {"verdicts": {"conforms": 1}},
        "faults": {},
        "missing": [],
        "stop": "finished",
        "findings": [],
        "known": [],
    } | changes


def test_a_new_finding_of_an_incomplete_run_is_told() -> None:
    """Exit 3 outranks exit 1, but the line says that what was found stands."""
    line = headline(run(faults={"a unit was lost": 1}, findings=[FINDING]))
    assert line.startswith("exit 3: incomplete (work lost or given up; new findings)")
    assert line.endswith("see to them, then run again")


def test_an_incomplete_run_without_findings_says_no_more() -> None:
    """Nothing stands where nothing was found, nor where the run is complete."""
    assert headline(run(missing=[["a", "b", "c"]])).endswith("without a verdict)")
    assert (
        headline(run(findings=[FINDING])) == "exit 1: does not conform (new findings)"
    )
    assert headline(run()) == "exit 0: everything checked conforms"
