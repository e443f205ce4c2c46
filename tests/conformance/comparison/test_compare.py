"""`compare`: what holds of any two runs."""

from __future__ import annotations

import copy
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_runs import CONTRACT, WHOLE, Seen, case_id, make

from conformance.comparison import outcome
from conformance.comparison.compare import compare
from conformance.comparison.model import Change, Comparison
from conformance.run import exit_code
from conformance.verdict import Status

FEWER: Final = settings(max_examples=40)
RUNS: Final = st.lists(WHOLE, max_size=30).map(make)
REVERSE: Final = {
    Change.WORSE: Change.BETTER,
    Change.DRIFT: Change.BETTER,
    Change.MISSING: Change.NEW,
    Change.NEW: Change.MISSING,
    Change.SAME: Change.SAME,
    Change.NOT_COMPARABLE: Change.NOT_COMPARABLE,
}
BETTER: Final = {Change.WORSE, Change.DRIFT}


def parts(comparison: Comparison) -> list[tuple[Any, ...]]:
    """Return what is said of each thing, by what it is about."""
    rows: list[tuple[Any, ...]] = []
    for cell in comparison.cells:
        where = (cell.loss, cell.dtype)
        rows += [(*where, r.change, frozenset(r.cases), r.count) for r in cell.reasons]
    for f in comparison.findings:
        rows.append((f.id, f.change))
    for each in (*comparison.requirements, *comparison.known):
        rows.append((each.id, each.dtype, each.change))
    return sorted(rows, key=repr)


@given(RUNS)
def test_a_run_is_the_same_as_itself(run: dict[str, Any]) -> None:
    """Nothing moves; the exit code is that of the run, or 5 if no cell has a case."""
    comparison = compare(run, run)
    for part in outcome.PARTS:
        assert set(outcome.counts(comparison, part)) <= {
            Change.SAME,
            Change.NOT_COMPARABLE,
        }
    unpaired = [c for c in comparison.cells if c.change is Change.NOT_COMPARABLE]
    assert all(not c.figures or not c.figures.paired for c in unpaired)
    expected = exit_code(run)
    if not expected and not outcome.comparable(comparison):
        expected = 5
    assert outcome.exit_code(comparison) == expected


@FEWER
@given(RUNS, RUNS)
def test_swapping_the_runs_reverses_what_is_said(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    """Worse and drift become better, missing becomes new, for the very same cases."""
    there, back = compare(old, new), compare(new, old)
    for here, swapped in zip(there.cells, back.cells, strict=True):
        _reversed([r.change for r in here.reasons], [r.change for r in swapped.reasons])
        assert {r.cases for r in here.reasons} == {r.cases for r in swapped.reasons}
    _reversed([f.change for f in there.findings], [f.change for f in back.findings])
    _reversed(
        [r.change for r in there.requirements], [r.change for r in back.requirements]
    )


def _reversed(there: list[Change], back: list[Change]) -> None:
    for one, other in ((there, back), (back, there)):
        assert sum(c is Change.BETTER for c in one) == sum(c in BETTER for c in other)
        for change in (Change.NEW, Change.SAME, Change.NOT_COMPARABLE):
            assert one.count(change) == other.count(REVERSE[change])


@FEWER
@given(RUNS, RUNS, st.randoms(use_true_random=False))
def test_the_order_of_a_file_says_nothing(
    old: dict[str, Any], new: dict[str, Any], random: Any
) -> None:
    """Lists of a run file may come in any order."""
    before = compare(old, new)
    for run in (old, new):
        for name in ("cells", "evidence", "findings", "points", "backends"):
            random.shuffle(run[name])
        for entry in run["points"]:
            random.shuffle(entry["cases"])
    assert compare(old, new) == before


@FEWER
@given(RUNS, RUNS)
def test_no_baseline_hides_a_failure(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Whatever may fail, a failing run and a worse case do; the runs are only read."""
    before = copy.deepcopy((old, new))
    comparison = compare(old, new)
    assert (old, new) == before
    worse = any(cell.change is Change.WORSE for cell in comparison.cells)
    for fail_on in (frozenset(), outcome.USUAL):
        code = outcome.exit_code(comparison, fail_on)
        assert code == 1 or not (worse or exit_code(new) == 1)
    failing = sum(f["status"] not in {"known", "suspect"} for f in new["findings"])
    assert sum(f.fails for f in comparison.findings) == failing


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"pool_version": 3},
        {"environment": {"loss_conformance": "0.2.0", "packages": {}}},
        {"oracle": {"version": "0.1.0", "source": "1" * 12}},
    ],
    ids=["seed", "pool", "version", "oracle"],
)
def test_what_was_asked_or_judged_otherwise_is_not_comparable(
    changes: dict[str, Any],
) -> None:
    """With another seed, pool, version or oracle nothing is the same, nothing worse."""
    old = make([Seen(1), Seen(2)])
    new = make([Seen(1), Seen(2, Status.SUSPECT)], **changes)
    comparison = compare(old, new)
    assert comparison.grounds
    for rows in (comparison.cells, comparison.requirements):
        assert {row.change for row in rows} == {Change.NOT_COMPARABLE}
    assert outcome.exit_code(comparison) == 5
    failing = make([Seen(1, Status.VIOLATES, 7.0)], **changes)
    assert outcome.exit_code(compare(old, failing)) == 1


def test_what_a_run_does_not_tell_is_no_ground() -> None:
    """A version that one run lacks is said to be unknown, and the rest is compared."""
    old, new = make([Seen(1)]), make([Seen(1)])
    old["environment"]["loss_conformance"] = "from a checkout"
    del new["oracle"]
    comparison = compare(old, new)
    assert {cell.change for cell in comparison.cells} == {Change.SAME}
    (remark,) = comparison.remarks
    assert "version of loss-conformance, source of the oracle" in remark


def test_a_run_of_several_machines_says_so() -> None:
    """Only one environment of a merged run is told as its own."""
    old, new = make([Seen(1)]), make([Seen(1)])
    new["other_environments"] = [new["environment"]]
    (remark,) = compare(old, new).remarks
    assert remark == "NEW was made in 2 environments; one of them is told"


def test_another_contract_concerns_its_backend_alone() -> None:
    """Its cells are not comparable; those of the other backend are."""
    seen = [Seen(1), Seen(1, backend="b")]
    old, new = make(seen), make(seen)
    new["backends"][1]["contract"] = {**CONTRACT, "name": "staged", "stages": True}
    comparison = compare(old, new)
    assert [c.change for c in comparison.cells] == [Change.SAME, Change.NOT_COMPARABLE]
    (reason,) = comparison.cells[1].reasons
    assert reason.text == "contract: wide in OLD, staged in NEW; they differ in stages"
    assert outcome.exit_code(comparison) == 0
    asked = frozenset({Change.NOT_COMPARABLE})
    assert outcome.exit_code(comparison, asked) == 1


def test_a_contract_of_another_name_alone_is_the_same() -> None:
    """The name of a contract changes no bound."""
    old, new = make([Seen(1)]), make([Seen(1)])
    new["backends"][0]["contract"] = {**CONTRACT, "name": "mine"}
    assert compare(old, new).cells[0].change is Change.SAME


def test_named_cases_of_other_content_are_not_comparable() -> None:
    """The digest is of one loss and format, and counts where the profiles agree."""
    seen = [Seen(1), Seen(1, dtype="float64")]

    def corpus(digest: str) -> list[dict[str, Any]]:
        ends = {"float32": digest, "float64": "0"}
        return [{"loss": "mae", "dtype": d, "hash": h} for d, h in ends.items()]

    old, new = make(seen, corpus=corpus("0")), make(seen, corpus=corpus("1"))
    found = [cell.change for cell in compare(old, new).cells]
    assert found == [Change.NOT_COMPARABLE, Change.SAME]
    larger = {"name": "ci", "pool": 3000, "level": "ci"}
    new = make(seen, corpus=corpus("1"), profile=larger)
    assert {cell.change for cell in compare(old, new).cells} == {Change.SAME}


@pytest.mark.parametrize("part", ["cells", "points", "evidence"])
def test_a_run_that_says_two_things_of_one_is_refused(part: str) -> None:
    """Which of the two is meant cannot be known."""
    run = make([Seen(1)])
    run[part] *= 2
    with pytest.raises(ValueError, match="two about"):
        compare(make([Seen(1)]), run)


def test_two_lines_for_one_case_are_refused() -> None:
    """A case has one error and one verdict."""
    run = make([Seen(1)])
    run["points"][0]["cases"].append(f"{case_id(1)} 0.1 0 0 1 0")
    with pytest.raises(ValueError, match="two for one"):
        compare(run, make([Seen(1)]))


def test_what_no_cell_stands_for_is_refused() -> None:
    """A failing finding, or a cell, that would be compared with nothing is not lost."""
    lost = make([Seen(1, Status.VIOLATES, 7.0), Seen(1, dtype="float64")])
    lost["cells"] = [c for c in lost["cells"] if c["dtype"] == "float64"]
    with pytest.raises(ValueError, match="has no cell"):
        compare(make([Seen(1)]), lost)
    strange = make([Seen(1)])
    strange["cells"][0]["backend"] = "b"
    with pytest.raises(ValueError, match="has no backend b"):
        compare(make([Seen(1)]), strange)
