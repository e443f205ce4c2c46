"""Requirements: what holds, fails, is not promised, or is not there any more."""

from __future__ import annotations

from typing import Any

import pytest
from made_runs import Seen, make

from conformance.comparison.compare import compare
from conformance.comparison.model import Change, RequirementChange
from conformance.tally import NOT_RUN
from conformance.verdict import Status

REST = Seen(2, requirement="REST")
HOLDS = [REST, Seen(1)]
FAILS = [REST, Seen(1, Status.WRONG_CLASS, -1.0)]
VACUOUS = [REST, Seen(1, Status.VACUOUS, -1.0)]
ABSENT = [REST]


def told(old: dict[str, Any], new: dict[str, Any]) -> RequirementChange:
    """Return what became of requirement R."""
    (found,) = (r for r in compare(old, new).requirements if r.id == "R")
    return found


@pytest.mark.parametrize(
    ("old", "new", "change", "reason"),
    [
        (HOLDS, HOLDS, Change.SAME, "holds"),
        (FAILS, FAILS, Change.SAME, "fails"),
        (HOLDS, FAILS, Change.WORSE, "holds → fails"),
        (FAILS, HOLDS, Change.BETTER, "fails → holds"),
        (HOLDS, VACUOUS, Change.DRIFT, "holds → without any promise"),
        (VACUOUS, HOLDS, Change.BETTER, "without any promise → holds"),
        (VACUOUS, FAILS, Change.WORSE, "without any promise → fails"),
        (HOLDS, ABSENT, Change.MISSING, "holds → not asked for"),
        (ABSENT, HOLDS, Change.NEW, "not asked for → holds"),
    ],
)
def test_each_change(
    old: list[Seen], new: list[Seen], change: Change, reason: str
) -> None:
    """The state in both runs, in words."""
    found = told(make(old), make(new))
    assert (found.change, found.reason) == (change, reason)


@pytest.mark.parametrize("status", [Status.KNOWN, Status.SUSPECT])
def test_what_does_not_fail_holds(status: Status) -> None:
    """Whether a search came upon it is luck: the cells tell it by paired cases."""
    found = told(make(HOLDS), make([REST, Seen(1, status)]))
    assert found.change is Change.SAME


def test_lost_support_is_missing_with_its_reason() -> None:
    """What the backend declines now is told in its own words."""
    new = make(ABSENT)
    new["plan"]["unsupported"] = [["R", "a", "float32", "weights are not offered"]]
    found = told(make(HOLDS), new)
    assert found.change is Change.MISSING
    assert found.reason == "holds → weights are not offered"


def test_a_verdict_that_was_due_cannot_be_compared() -> None:
    """In an incomplete run, a requirement without a verdict is not gone."""
    lost, given_up = make(ABSENT, stop="killed"), make(ABSENT)
    for run in (lost, given_up):
        run["plan"]["planned"].append(("R", "a", "float32"))
    given_up["evidence"].append(
        {**given_up["evidence"][0], "requirement": "R", "counts": {NOT_RUN: 3}}
    )
    for run in (lost, given_up):
        for found in (told(make(HOLDS), run), told(run, make(HOLDS))):
            assert found.change is Change.NOT_COMPARABLE
            assert "without the verdict that was due" in found.reason


def test_nothing_of_an_incomplete_run_is_the_same() -> None:
    """It holds as far as it was tried; what fails there is worse."""
    assert told(make(HOLDS), make(HOLDS, stop="killed")).change is Change.NOT_COMPARABLE
    assert told(make(HOLDS), make(FAILS, stop="killed")).change is Change.WORSE
