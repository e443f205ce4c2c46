"""The parts of a run are disjoint, complete, alike in size, and always the same."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from conformance.sharding import Shard
from conformance.unit import CorpusUnit, PoolUnit, SearchUnit, Unit

DTYPES = ("float16", "bfloat16", "float32", "float64")
UNITS: tuple[Unit, ...] = (
    *(CorpusUnit("mse", d, i, i + 50, ("a",)) for d in DTYPES for i in (0, 50)),
    *(PoolUnit("mae", d, i, i + 9, ("a",), 0) for i in range(0, 90, 9) for d in DTYPES),
    *(SearchUnit("mae", d, 100, "a", 7) for d in DTYPES),
)


@given(count=st.integers(1, len(UNITS)))
def test_each_unit_is_in_one_shard(count: int) -> None:
    """Together the shards are the whole, each in the order of the whole."""
    parts = [Shard(k, count).of(UNITS) for k in range(1, count + 1)]
    assert sorted(map(UNITS.index, sum(parts, ()))) == list(range(len(UNITS)))
    for part in parts:
        assert list(part) == sorted(part, key=UNITS.index)
        assert part


def test_shards_are_alike() -> None:
    """As many units of each kind, give or take one, and formats mixed."""
    for k in range(1, 5):
        part = Shard(k, 4).of(UNITS)
        kinds = Counter(type(unit) for unit in part)
        assert kinds == {CorpusUnit: 2, PoolUnit: 10, SearchUnit: 1}
        assert len({u.dtype for u in part if isinstance(u, PoolUnit)}) > 1


def test_shards_are_the_same_on_every_machine() -> None:
    """What was dealt once is dealt so for ever: shards may run months apart."""
    places = [UNITS.index(unit) for unit in Shard(1, 4).of(UNITS)]
    assert places == [3, 4, 10, 17, 18, 19, 24, 35, 37, 39, 42, 44, 51]
