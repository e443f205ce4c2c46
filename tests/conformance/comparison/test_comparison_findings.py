"""Findings and pinned witnesses: proved by cases of both runs, or said not to be."""

from __future__ import annotations

import pytest
from made_runs import Seen, case_id, make

from conformance.comparison.compare import compare
from conformance.comparison.model import Change, FindingChange, KnownChange
from conformance.verdict import Status

BAD = Seen(1, Status.VIOLATES, 7.0)
GOOD = Seen(1)


def only(old: list[Seen], new: list[Seen]) -> FindingChange:
    """Return what became of the only finding of two runs."""
    (finding,) = compare(make(old), make(new)).findings
    return finding


def test_a_finding_that_paired_cases_show() -> None:
    """It is worse in the new run, with its cases, and better the other way round."""
    worse, better = only([GOOD], [BAD]), only([BAD], [GOOD])
    assert (worse.change, better.change) == (Change.WORSE, Change.BETTER)
    assert worse.reason.cases == better.reason.cases == (case_id(1),)
    assert (worse.fails, better.fails) == (True, False)
    assert (worse.old, worse.new) == ((0, 0.0), (1, 7.0))


def test_a_finding_in_both_runs_still_fails() -> None:
    """It is the same, and the new run fails all the same."""
    same = only([BAD], [BAD])
    assert (same.change, same.fails) == (Change.SAME, True)


def test_a_finding_in_more_cases_or_in_fewer() -> None:
    """The same finding on one more case is worse."""
    more = [BAD, BAD._replace(index=2)]
    fewer = [BAD, GOOD._replace(index=2)]
    grew, shrank = only(fewer, more), only(more, fewer)
    assert (grew.change, grew.reason.text) == (
        Change.WORSE,
        "more than in OLD",
    )
    assert (shrank.change, shrank.fails) == (Change.BETTER, True)
    assert grew.reason.cases == (case_id(2),)


def test_one_case_less_is_told_of_the_finding_that_has_it_no_more() -> None:
    """Of two excuses for the same quantity, the one that covers fewer cases now."""
    known = Seen(1, Status.KNOWN, 7.0)
    old, new = (
        make([known, known._replace(index=2)]),
        make([known, GOOD._replace(index=2)]),
    )
    for run in (old, new):
        run["findings"].append({**run["findings"][0], "known": "L", "count": 5})
    found = {f.known: f.change for f in compare(old, new).findings}
    assert found == {"K": Change.BETTER, "L": Change.SAME}
    back = {f.known: f.change for f in compare(new, old).findings}
    assert back == {"K": Change.WORSE, "L": Change.SAME}


def test_what_only_a_search_found_proves_nothing_of_the_other_run() -> None:
    """A violation there fails, but the old run was not asked; nor is it fixed."""
    found = BAD._replace(index=2, origin="search")
    new, gone = only([GOOD], [GOOD, found]), only([GOOD, found], [GOOD])
    assert (new.change, new.fails) == (Change.NEW, True)
    assert (gone.change, gone.fails) == (Change.MISSING, False)
    assert "need not be fixed" in gone.reason.text


def test_a_failure_that_is_excused_now() -> None:
    """Both entries say that the case fails in both runs; it is not worse, nor new."""
    known = Seen(1, Status.KNOWN, 7.0)
    for old, new, fails in (([BAD], [known], False), ([known], [BAD], True)):
        found = compare(make(old), make(new)).findings
        assert [f.change for f in found] == [Change.SAME, Change.SAME]
        assert all("failing in both" in f.reason.text for f in found)
        assert any(f.fails for f in found) is fails


def test_the_finding_that_came_is_the_cause() -> None:
    """Beside one that was there, the one of another kind has made the cases worse."""
    old = [BAD, GOOD._replace(index=2)]
    new = [BAD, BAD._replace(index=2, kind="sign")]
    found = {f.kind: f.change for f in compare(make(old), make(new)).findings}
    assert found == {"value": Change.SAME, "sign": Change.WORSE}
    back = {f.kind: f.change for f in compare(make(new), make(old)).findings}
    assert back == {"value": Change.SAME, "sign": Change.BETTER}


def test_a_finding_of_a_cell_that_cannot_be_compared() -> None:
    """It is not comparable, new or missing as its cell is; what fails, fails."""
    old, new = make([BAD]), make([BAD], seed=1)
    (finding,) = compare(old, new).findings
    assert (finding.change, finding.fails) == (Change.NOT_COMPARABLE, True)
    other = BAD._replace(dtype="float64")
    found = compare(make([GOOD]), make([GOOD, other])).findings
    assert [(f.change, f.fails) for f in found] == [(Change.NEW, True)]
    found = compare(make([GOOD, other]), make([GOOD])).findings
    assert [(f.change, f.fails) for f in found] == [(Change.MISSING, False)]


PINNED = {("a", "float32"): True}
FIXED = {("a", "float32"): False}


def witness(
    old: dict[tuple[str, str], bool], new: dict[tuple[str, str], bool]
) -> KnownChange:
    """Return what became of the only pinned witness."""
    runs = (make([GOOD], pinned=pinned) for pinned in (old, new))
    (known,) = compare(*runs).known
    return known


@pytest.mark.parametrize(
    ("old", "new", "change", "stale"),
    [
        (PINNED, PINNED, Change.SAME, False),
        (PINNED, FIXED, Change.BETTER, True),
        (FIXED, PINNED, Change.WORSE, False),
        (FIXED, FIXED, Change.SAME, True),
        ({}, PINNED, Change.NEW, False),
        (PINNED, {}, Change.MISSING, False),
    ],
)
def test_a_pinned_witness(
    old: dict[tuple[str, str], bool],
    new: dict[tuple[str, str], bool],
    change: Change,
    stale: bool,  # noqa: FBT001 - a row of the table
) -> None:
    """A fixed one is stale in the new run: the entry must be removed."""
    known = witness(old, new)
    assert (known.change, known.stale) == (change, stale)


def test_a_witness_that_conforms_elsewhere_is_not_stale() -> None:
    """On other versions than it was measured on an entry may stay."""
    old, new = (make([GOOD], pinned=p) for p in (PINNED, FIXED))
    new["known"][0] |= {"stale": [], "elsewhere": new["known"][0]["stale"]}
    (known,) = compare(old, new).known
    assert (known.change, known.stale) == (Change.BETTER, False)
    assert "other versions" in known.reason


def test_a_witness_of_runs_that_cannot_be_compared() -> None:
    """Under another contract its failure is another failure."""
    old, new = make([GOOD], pinned=PINNED), make([GOOD], pinned=FIXED, seed=1)
    (known,) = compare(old, new).known
    assert (known.change, known.stale) == (Change.NOT_COMPARABLE, True)
