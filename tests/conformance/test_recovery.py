"""After a crash nothing is done twice, nothing is left out, and one case is blamed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.ended import Ended
from conformance.recovery import RESUMES, derived, recover, without
from conformance.unit import (
    CaseUnit,
    CorpusUnit,
    PoolUnit,
    SearchUnit,
    ShrinkUnit,
    Unit,
    told,
)

CRASH = Ended("crashed", "exit status 7")


def parts(unit: PoolUnit) -> set[tuple[int, str]]:
    """Return the (index, backend) that `unit` runs."""
    return {(i, b) for i in range(unit.start, unit.stop) for b in unit.backends}


@given(
    st.integers(0, 50),
    st.integers(1, 50),
    st.sampled_from((("a",), ("a", "b"))),
    st.data(),
)
def test_a_split_runs_every_case_once(
    start: int, size: int, backends: tuple[str, ...], data: st.DataObject
) -> None:
    """The smaller units and the suspect add up to the unit that was lost."""
    unit = PoolUnit("mae", "float32", start, start + size, backends, 0)
    at = data.draw(st.integers(start, start + size - 1))
    guilty = data.draw(st.sampled_from(backends))
    result = recover(unit, CRASH, {"index": at, "backend": guilty})
    if size == 1 and backends == ("a",):
        assert result.guilty == unit
        return
    units = [u for u in (*result.units, result.suspect) if isinstance(u, PoolUnit)]
    found = [part for u in units for part in parts(u)]
    assert sorted(found) == sorted(parts(unit))
    assert isinstance(result.suspect, PoolUnit)
    assert parts(result.suspect) == {(at, guilty)}


def test_without_a_trail_no_backend_is_blamed() -> None:
    """A worker that dies in our own code is our fault, and its work is missed."""
    unit = PoolUnit("mae", "float32", 0, 9, ("a",), 0)
    result = recover(unit, CRASH, None)
    assert "exit status 7" in result.fault
    assert (result.units, result.guilty) == ((), None)


def test_a_search_goes_on_a_few_times() -> None:
    """Each time with another seed and what is left of the budget; the loss is told."""
    unit: Unit | None = SearchUnit("mae", "float32", 100, "a", 5)
    seeds, rounds = set(), 0
    while isinstance(unit, SearchUnit):
        trail = {"case": {"loss": "mae"}, "backend": "a", "done": 10}
        result = recover(unit, CRASH, trail)
        assert result.suspect == CaseUnit({"loss": "mae"}, "a")
        assert "search lost" in result.note
        seeds.add(unit.seed)
        rounds += 1
        unit = result.units[0] if result.units else None
    assert rounds == len(seeds) == RESUMES + 1


def test_a_witness_that_cannot_be_shrunk_is_kept() -> None:
    """A crash on the way to a smaller witness is told, and nobody's fault."""
    unit = ShrinkUnit({}, "a", "value", "value", 10, 1.0)
    assert "not shrunk" in recover(unit, CRASH, None).note
    assert recover(unit, Ended("failed", "no"), None).fault


def test_leaving_a_backend_out() -> None:
    """What is left of a unit does not run that backend; nothing may be left."""
    both = PoolUnit("mae", "float32", 0, 9, ("a", "b"), 0)
    left = without(both, "a")
    assert isinstance(left, PoolUnit)
    assert left.backends == ("b",)
    assert without(left, "b") is None
    assert without(SearchUnit("mae", "float32", 1, "a", 0), "a") is None
    assert without(SearchUnit("mae", "float32", 1, "a", 0), "b") is not None


def test_a_derived_seed_is_the_same_everywhere() -> None:
    """The number is pinned, so that no machine or release changes it."""
    assert derived(0, "mae") == 847063985


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (
            PoolUnit("mae", "float32", 3, 9, ("a", "b"), 0),
            "pool cases 3 to 8 of mae in",
        ),
        (
            PoolUnit("mae", "float32", 3, 4, ("a",), 0),
            "pool case 3 of mae in float32, a",
        ),
        (CorpusUnit("mse", "float16", 0, 2, ("a",)), "named cases 0 to 1 of mse in"),
        (SearchUnit("mae", "float32", 9, "a", 0), "the search, mae in float32, a"),
        (
            CaseUnit({"loss": "mae", "dtype": "float64"}, "a"),
            "a single case, mae in",
        ),
        (ShrinkUnit({}, "a", "value", "nan", 9, 1.0), "a smaller witness of value in"),
    ],
)
def test_what_a_reader_is_told_of_a_unit(unit: Unit, words: str) -> None:
    """Words, not the names of our classes and fields."""
    for text in (told(unit), recover(unit, Ended("failed", "no"), None).fault):
        assert words in text
        assert "Unit" not in text
        assert "=" not in text
