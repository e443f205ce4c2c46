"""Drift: what grows by a bit and not by chance, and nothing else."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.comparison.drift import RARE, chance, drifts, figures, measured
from conformance.comparison.model import Change
from conformance.points import Point

RATIOS = st.sampled_from((0.0, 1e-300, 0.1, 0.2, 0.3, 0.9, 1.0, 7.0, math.inf))
ROWS = st.lists(st.tuples(RATIOS, RATIOS), max_size=60).map(
    lambda pairs: [(f"{i:012d}", a, b) for i, (a, b) in enumerate(pairs)]
)
FACTORS = st.sampled_from((1.0, 2.0, 10.0))


def rows(*pairs: tuple[float, float]) -> list[tuple[str, float, float]]:
    """Return cases with these figures in the old run and in the new one."""
    return [(f"{i:012d}", a, b) for i, (a, b) in enumerate(pairs)]


def changes(given: list[tuple[str, float, float]], factor: float = 2.0) -> set[Change]:
    """Return what `drifts` says of rows."""
    return {reason.change for reason in drifts(given, factor)}


@pytest.mark.parametrize("altered", [1, 2, 7, 20, 61])
def test_chance_bounds_the_exact_tail(altered: int) -> None:
    """Of fair coins, at least `grown` fall so with at most the probability given."""
    for grown in range(altered + 1):
        ways = sum(math.comb(altered, k) for k in range(grown, altered + 1))
        assert Fraction(ways, 2**altered) <= Fraction(chance(grown, altered))


def test_chance_gets_small() -> None:
    """The bound is not the trivial one: thirty of thirty are no chance."""
    assert chance(30, 30) < RARE < chance(20, 30)


def test_the_loss_of_a_bit_in_most_altered_cases_is_drift() -> None:
    """Thirty of forty altered cases grew threefold, beside many that did not change."""
    altered = rows(*[(0.1, 0.3)] * 38, *[(0.3, 0.2)] * 2, *[(0.5, 0.5)] * 500)
    (reason,) = drifts(altered, 2.0)
    assert reason.change is Change.DRIFT
    assert reason.count == 38
    assert "38 of the 40 cases" in reason.text


def test_less_than_the_factor_is_no_drift() -> None:
    """All cases grow, each by less than a bit."""
    assert changes(rows(*[(0.1, 0.19)] * 400)) == set()
    assert changes(rows(*[(0.1, 0.19)] * 400), 1.5) == {Change.DRIFT}


def test_another_order_of_summation_is_no_drift() -> None:
    """Cases that change to and fro by much are neither drift nor better."""
    assert changes(rows(*[(0.1, 0.5), (0.5, 0.1)] * 200)) == set()


def test_few_cases_are_no_trend() -> None:
    """Ten cases that grew may be chance, unless one is the largest of all."""
    assert changes(rows(*[(0.1, 0.3)] * 10, (0.9, 0.9))) == set()
    assert changes(rows(*[(0.1, 0.3)] * 10)) == {Change.DRIFT}


def test_what_was_exact_may_not_be_so_any_more() -> None:
    """From 0 every growth is by more than any factor."""
    assert changes(rows(*[(0.0, 1e-3)] * 40, (0.5, 0.5)), 1e9) == {Change.DRIFT}


def test_the_largest_tells_its_case() -> None:
    """A known failure that grew is told with the case that shows it."""
    (reason,) = drifts(rows((3.0, 3.0), (4.0, 40.0)), 2.0)
    assert reason.cases == ("000000000001",)
    assert "largest" in reason.text


@given(ROWS, FACTORS)
def test_drift_and_its_reverse(given: list[tuple[str, float, float]], f: float) -> None:
    """Swapping the runs turns drift into better, for the same cases, and back."""
    swapped = [(i, b, a) for i, a, b in given]
    there = [(r.change, r.cases, r.count) for r in drifts(given, f)]
    back = [(r.change, r.cases, r.count) for r in drifts(swapped, f)]
    turned = {Change.DRIFT: Change.BETTER, Change.BETTER: Change.DRIFT}
    assert sorted(there) == sorted((turned[c], cases, n) for c, cases, n in back)


@given(ROWS, FACTORS)
def test_no_drift_of_what_is_alike(
    given: list[tuple[str, float, float]], f: float
) -> None:
    """The same figures are no drift, whatever they are."""
    assert changes([(i, a, a) for i, a, _ in given], f) == set()


@given(ROWS)
def test_figures_have_no_order(given: list[tuple[str, float, float]]) -> None:
    """In whatever order the cases come, the figures are the same."""
    seen = figures(len(given), given)
    assert seen == figures(len(given), given[::-1])
    assert 0 <= seen.grown <= seen.altered <= seen.paired
    assert 0 <= seen.chance <= 1
    assert seen.typical >= 0


def test_measured_pairs_and_takes_nan_for_infinity() -> None:
    """Only cases with a figure in both runs count; what is no number is not small."""

    def point(case: str, ratio: float) -> Point:
        return Point(case, ratio, 0.0, 0.0, 1, 0.0, {})

    old = {c: point(c, r) for c, r in (("a", 0.5), ("b", -1.0), ("c", 0.1))}
    new = {c: point(c, r) for c, r in (("a", math.nan), ("b", 0.5), ("d", 0.1))}
    assert measured(old, new) == [("a", 0.5, math.inf)]
