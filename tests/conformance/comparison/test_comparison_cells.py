"""Cells: every change, with its reason and the cases that show it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from made_runs import Seen, case_id, make

from conformance.comparison.cells import Turn
from conformance.comparison.compare import compare
from conformance.comparison.model import CellChange, Change
from conformance.points import Point
from conformance.verdict import FAILURES, Status


def only(old: dict[str, Any], new: dict[str, Any], **options: Any) -> CellChange:
    """Return what became of the only cell of two runs."""
    (cell,) = compare(old, new, **options).cells
    return cell


def test_every_turn_of_a_verdict() -> None:
    """Each pair of statuses is one change, and its reverse the reverse one."""
    for old in Status:
        for new in Status:
            there = Turn("", "value", old, new).change
            back = Turn("", "value", new, old).change
            if there is Change.SAME:
                assert back is Change.SAME
            else:
                assert Change.BETTER in (there, back)
                assert {there, back} & {Change.WORSE, Change.DRIFT}


@pytest.mark.parametrize("status", sorted(FAILURES | {Status.KNOWN}))
def test_a_failure_is_worse_than_all_else(status: Status) -> None:
    """Whether it is excused or not; and of two failures none is worse."""
    for other in set(Status) - FAILURES - {Status.KNOWN}:
        assert Turn("", "value", other, status).change is Change.WORSE
    for other in FAILURES | {Status.KNOWN}:
        assert Turn("", "value", other, status).change is Change.SAME


def test_a_worse_case_is_told_with_its_statuses() -> None:
    """One case of two became worse in one quantity."""
    old = make([Seen(1), Seen(2), Seen(2, quantity="gradient.input")])
    new = make(
        [Seen(1), Seen(2), Seen(2, Status.VIOLATES, 7.0, quantity="gradient.input")]
    )
    cell = only(old, new)
    assert cell.change is Change.WORSE
    assert (cell.old, cell.new) == ("conforms", "violates")
    (reason,) = cell.reasons
    assert reason.text == "gradient.input: conforms → violates"
    assert (reason.cases, reason.count) == ((case_id(2),), 1)


def test_where_nothing_is_promised_any_more_is_drift() -> None:
    """A contract that promises nothing on a case cannot be broken by it."""
    old, new = make([Seen(1)]), make([Seen(1, Status.VACUOUS)])
    assert only(old, new).change is Change.DRIFT
    assert only(new, old).change is Change.BETTER


def test_worse_goes_before_better() -> None:
    """One case fixed does not outweigh another that broke; both are told."""
    old = make([Seen(1), Seen(2, Status.VIOLATES, 7.0)])
    new = make([Seen(1, Status.WRONG_CLASS, -1.0), Seen(2)])
    cell = only(old, new)
    assert cell.change is Change.WORSE
    assert [r.change for r in cell.reasons] == [Change.WORSE, Change.BETTER]


def test_an_excuse_makes_nothing_better() -> None:
    """A failure that is listed as known in the new run is what it was."""
    old, new = make([Seen(1, Status.VIOLATES, 7.0)]), make([Seen(1, Status.KNOWN, 7.0)])
    for cell in (only(old, new), only(new, old)):
        assert cell.change is Change.SAME
        assert "no better and no worse" in cell.reasons[0].text


def test_a_case_without_an_answer_has_no_other_verdict() -> None:
    """What a call that fails leaves open was not conforming before, nor is it now."""
    fails = make([Seen(1, Status.ERROR, -1.0, quantity="call")])
    for status in (Status.SUSPECT, Status.VACUOUS, Status.VIOLATES):
        other = make([Seen(1, status, 0.5)])
        (there,), (back,) = only(other, fails).reasons, only(fails, other).reasons
        assert (there.text, there.change) == ("call: conforms → error", Change.WORSE)
        assert (back.text, back.change) == ("call: error → conforms", Change.BETTER)
    both = make([Seen(1, Status.ERROR, -1.0, quantity="call"), Seen(1)])
    assert only(both, fails).change is Change.SAME


def test_growth_within_the_bound_is_drift() -> None:
    """Forty cases lost two bits; their verdicts are as they were."""
    old = make([Seen(i, ratio=0.1) for i in range(40)])
    new = make([Seen(i, ratio=0.4) for i in range(40)])
    cell = only(old, new)
    assert cell.change is Change.DRIFT
    assert cell.figures is not None
    assert (cell.figures.altered, cell.figures.grown) == (40, 40)
    assert math.isclose(cell.figures.typical, 4)
    assert only(new, old).change is Change.BETTER
    assert only(old, new, drift=5.0).change is Change.SAME


def test_the_error_of_a_worse_case_is_not_told_twice() -> None:
    """Its verdict says more than its growth."""
    old = make([Seen(i, ratio=0.1) for i in range(40)])
    new = make([Seen(i, Status.VIOLATES, 7.0) for i in range(40)])
    (reason,) = only(old, new).reasons
    assert reason.change is Change.WORSE


def test_cases_that_are_gone_and_cases_that_came() -> None:
    """Of the same profile, the runs were to meet the same cases."""
    more, fewer = make([Seen(1), Seen(2)]), make([Seen(1)])
    gone, came = only(more, fewer), only(fewer, more)
    assert (gone.change, came.change) == (Change.MISSING, Change.NEW)
    assert gone.reasons[0].cases == came.reasons[0].cases == (case_id(2),)


def test_a_larger_profile_has_more_cases_and_that_is_all() -> None:
    """The cases of both are compared; those of the larger run alone are not new."""
    larger = {"name": "ci", "pool": 3000, "level": "ci"}
    small, large = make([Seen(1)]), make([Seen(1), Seen(2)], profile=larger)
    for old, new in ((small, large), (large, small)):
        comparison = compare(old, new)
        assert [c.change for c in comparison.cells] == [Change.SAME]
        assert "only the cases of both are compared" in comparison.remarks[0]
    shrunk = make([Seen(2)], profile=larger)
    cell = only(make([Seen(1), Seen(2)]), shrunk)
    assert cell.change is Change.MISSING


def test_a_shard_is_a_part_of_a_run() -> None:
    """What a shard was not to run is not missing from it."""
    first, second = ({"index": i, "count": 2} for i in (1, 2))
    whole, shard = make([Seen(1), Seen(2)]), make([Seen(1)], shard=first)
    assert only(whole, shard).change is Change.SAME
    assert only(shard, whole).change is Change.SAME
    assert only(shard, make([Seen(2)], shard=second)).change is Change.NOT_COMPARABLE
    fewer = make([Seen(1), Seen(3)], shard=first)
    assert only(fewer, shard).change is Change.MISSING
    _, elsewhere = compare(make([Seen(1), Seen(1, dtype="float64")]), shard).cells
    assert elsewhere.change is Change.NOT_COMPARABLE
    assert elsewhere.reasons[0].text == "NEW has no case of it in shard 1/2"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dtypes": ["float32"]}, "NEW was not asked for it"),
        ({}, "NEW has no case of it"),
    ],
)
def test_a_cell_that_is_gone(changes: dict[str, Any], why: str) -> None:
    """It is missing from the new run and new in the old one, with the reason."""
    old = make([Seen(1), Seen(1, dtype="float64")])
    new = make([Seen(1)], **changes)
    same, gone = compare(old, new).cells
    assert (same.change, gone.change) == (Change.SAME, Change.MISSING)
    assert gone.reasons[0].text == why
    assert [c.change for c in compare(new, old).cells] == [Change.SAME, Change.NEW]


def test_a_cell_that_the_backend_declines() -> None:
    """Support that was lost is told as such."""
    old, new = make([Seen(1), Seen(1, dtype="float64")]), make([Seen(1)])
    new["backends"][0]["dtypes"] = ["float32"]
    _, gone = compare(old, new).cells
    assert gone.reasons[0].text == "NEW has it declined by the backend"


def test_nothing_of_an_incomplete_run_is_the_same() -> None:
    """Not even what looks alike, or better; worse stays worse."""
    old = make([Seen(1, Status.SUSPECT), Seen(2)])
    for seen, expected in (
        ([Seen(1, Status.SUSPECT), Seen(2)], Change.NOT_COMPARABLE),
        ([Seen(1), Seen(2)], Change.NOT_COMPARABLE),
        ([Seen(2)], Change.NOT_COMPARABLE),
        ([Seen(1, Status.SUSPECT), Seen(2, Status.SUSPECT)], Change.WORSE),
    ):
        assert only(old, make(seen, stop="killed")).change is expected
        assert only(old, make(seen, faults=["lost"])).change is expected


def test_what_an_incomplete_old_run_lacks_is_not_new() -> None:
    """Of the cases it did not get to, nobody knows; the others are compared."""
    old, new = make([Seen(1)], stop="interrupted"), make([Seen(1), Seen(2)])
    assert only(old, new).change is Change.NOT_COMPARABLE
    assert only(old, make([Seen(1)])).change is Change.SAME
    _, other = compare(old, make([Seen(1), Seen(1, dtype="float64")])).cells
    assert other.change is Change.NOT_COMPARABLE
    assert other.reasons[0].text == "OLD ended before it: it is incomplete"


def test_cells_without_a_common_case_are_not_comparable() -> None:
    """Cases of a search are not the same in two runs."""
    old, new = make([Seen(1, origin="search")]), make([Seen(1, origin="search")])
    cell = only(old, new)
    assert cell.change is Change.NOT_COMPARABLE
    assert [r.text for r in cell.reasons] == ["no case is in both"]


@pytest.mark.parametrize("ratio", ["nan", "inf", "-inf", "-1", "1e999"])
def test_hostile_figures(ratio: str) -> None:
    """No figure of a file that was tampered with ends in a traceback."""
    run, other = make([Seen(1)]), make([Seen(1)])
    run["points"][0]["cases"] = [f"{case_id(1)} {ratio} nan inf 1 nan"]
    assert only(run, run).change is Change.SAME
    grown = only(other, run).change
    small = Point.parse(run["points"][0]["cases"][0]).ratio < 0
    assert grown is (Change.SAME if small else Change.DRIFT)
    assert only(run, other).change is (Change.SAME if small else Change.BETTER)


def test_an_unknown_status_is_refused() -> None:
    """The statuses are a closed list."""
    run = make([Seen(1)])
    run["points"][0]["cases"][0] += " value=splendid"
    with pytest.raises(ValueError, match="splendid"):
        compare(run, make([Seen(1)]))
