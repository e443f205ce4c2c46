"""Figures of a cell: counted right, and the same in whatever order units arrive."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cells import Cell, Scored, Worst, figure, resolution, standing
from conformance.packing import dumps, loads
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

VERDICTS = st.builds(
    Verdict,
    quantity=st.sampled_from(("value", "gradient.input", "dtype")),
    status=st.sampled_from(list(Status)),
    elements=st.integers(0, 9),
    ratio=st.floats(0) | st.just(math.nan),
    ulps=st.floats(0, 1e9),
    rounded=st.integers(0, 3),
    measured=st.integers(0, 3),
    weak=st.booleans(),
)
SCORED = st.builds(
    lambda v, wide: Scored(v, v.status, "", wide, ()),
    VERDICTS,
    st.sampled_from(list(Status)),
)
CASES = st.lists(st.tuples(st.text("abc", min_size=1), st.lists(SCORED, max_size=3)))


def cell_of(cases: list[tuple[str, list[Scored]]]) -> Cell:
    """Return the cell of some cases."""
    cell = Cell()
    for case_id, verdicts in cases:
        cell.add(case_id, verdicts)
    return cell


def merged(*cells: Cell) -> Mapping[str, Any]:
    """Return the sum of fresh copies of `cells`, as plain data."""
    total = Cell()
    for cell in cells:
        total.merge(Cell.from_json(loads(dumps(cell.to_json()))))
    return total.to_json()


@given(CASES, CASES, CASES)
def test_merging_has_no_order(a: Any, b: Any, c: Any) -> None:
    """Merging commutes, associates, and equals counting everything in one cell."""
    x, y, z = cell_of(a), cell_of(b), cell_of(c)
    whole = cell_of(a + b + c).to_json()
    assert merged(x, y, z) == merged(z, x, y) == merged(y, z, x) == whole


@given(CASES)
def test_plain_data_comes_back(cases: Any) -> None:
    """A cell survives the way through text."""
    cell = cell_of(cases)
    again = Cell.from_json(loads(dumps(cell.to_json())))
    assert again == cell
    json.dumps(again.to_json())


@given(CASES)
def test_histograms_hold_every_measured_verdict(cases: Any) -> None:
    """Each measured verdict on a number is in one bin of each histogram."""
    cell = cell_of(cases)
    measured = sum(
        s.verdict.measured > 0 and s.verdict.quantity != "dtype"
        for _, verdicts in cases
        for s in verdicts
    )
    assert sum(cell.ratio_bins) == sum(cell.ulp_bins) == measured
    assert sum(cell.resolution_bins) == measured


def test_a_figure_that_nobody_could_compute_is_the_worst() -> None:
    """NaN counts as infinite: it must not hide behind a comparison that is false."""
    assert figure(math.nan) == math.inf
    assert max(Worst(), Worst(figure(math.nan), "x")).case == "x"


@pytest.mark.parametrize(
    ("counts", "weak", "judged", "word"),
    [
        ({"conforms": 5, "violates": 1, "known": 2}, 0, 5, "violates"),
        ({"conforms": 5, "wrong-class": 1, "suspect": 1}, 0, 5, "wrong-class"),
        ({"conforms": 5, "suspect": 1, "known": 2}, 0, 5, "suspect"),
        ({"conforms": 5, "known": 2}, 0, 5, "known (2)"),
        ({"conforms": 5, "inconclusive": 1, "known": 2}, 0, 5, "inconclusive"),
        ({"conforms": 5}, 2, 5, "conforms"),
        ({"conforms": 5}, 3, 5, "coarse"),
        ({"vacuous": 5}, 0, 5, "vacuous"),
        ({}, 0, 0, "not run"),
    ],
)
def test_the_word_for_a_cell(
    counts: dict[str, int], weak: int, judged: int, word: str
) -> None:
    """The status column names the worst, and is never green where nothing is shown."""
    cell = {"counts": counts, "weak": weak, "judged": judged}
    assert standing(cell) == word


def test_a_cell_that_resolves_no_bit_is_coarse() -> None:
    """Where the median bound is above half of the result, nothing is shown in green."""
    for sharp, weak, word in ((2, 1, "conforms"), (1, 2, "coarse")):
        verdicts = [0.25] * sharp + [0.75] * weak
        cell = cell_of([("a", [resolved(r) for r in verdicts])]).to_json()
        assert resolution(cell) == (0.25 if word == "conforms" else 1.0)
        assert standing(cell) == word
    assert resolution(cell_of([("a", [resolved(3.0)])]).to_json()) == math.inf
    assert resolution({}) == 0


def resolved(value: float) -> Scored:
    """Return a verdict that conforms, with a resolution."""
    conforms = Status.CONFORMS
    made = Verdict("value", conforms, measured=1, resolution=value)
    return Scored(made, conforms, "", conforms, ())


def test_a_case_is_weak_only_if_nothing_in_it_could_tell() -> None:
    """One sharp verdict makes the case count as sharp."""
    sharp = Scored(
        Verdict("value", Status.CONFORMS), Status.CONFORMS, "", Status.CONFORMS, ()
    )
    weak = sharp._replace(verdict=Verdict("value", Status.CONFORMS, weak=True))
    form = sharp._replace(verdict=Verdict("dtype", Status.CONFORMS))
    cell = cell_of([("a", [sharp, weak]), ("b", [weak, weak]), ("c", [form])])
    assert (cell.cases, cell.judged, cell.weak) == (3, 2, 1)
