"""Memory and tiers are counted to the last byte and element."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.bench.demand import FORMATS, TIER_NAMES, peak_extra, stored, tiers
from conformance.bench.workload import Inputs, Workload, draw

MIB = 2**20


@dataclass(frozen=True)
class Holder:
    """Arrays inside a dataclass, as columns are."""

    one: Any
    other: Any = None


@given(st.integers(0, 8))
def test_temporaries_are_counted_and_answers_are_not(size: int) -> None:
    """A peak is what a task holds beyond what it returns.

    Python's own objects take less than a quarter of a MiB here.
    """

    def task() -> object:
        answer = np.ones(3 * MIB, dtype=np.uint8)
        temporary = np.ones(size * MIB, dtype=np.uint8)
        return Holder([answer], (temporary[:0].copy(),))

    assert size * MIB <= peak_extra(task) < (size + 0.25) * MIB


def test_what_an_answer_keeps_alive_is_counted() -> None:
    """A small view of a large array does not hide it."""
    assert peak_extra(lambda: np.ones(4 * MIB, dtype=np.uint8)[:5]) >= 4 * MIB - 5


def test_what_is_built_once_is_not_counted() -> None:
    """A cache is filled by the run before."""
    cache: list[object] = []

    def task() -> object:
        if not cache:
            cache.append(np.ones(4 * MIB, dtype=np.uint8))
        return None

    assert 0 <= peak_extra(task) < MIB


@pytest.mark.parametrize("tracing", [True, False])
def test_tracing_is_left_as_it_was(*, tracing: bool) -> None:
    """Somebody else's trace goes on."""
    if tracemalloc.is_tracing():
        pytest.skip("this process is being traced")
    if tracing:
        tracemalloc.start()
    try:
        peak_extra(lambda: None)
        assert tracemalloc.is_tracing() is tracing
    finally:
        tracemalloc.stop()


def test_each_array_counts_once() -> None:
    """Neither the same array twice nor an axis that repeats takes more memory."""
    array = np.zeros((4, 5))
    assert stored(array) == 160
    assert stored([array, (array, Holder(array))]) == 160
    assert stored(np.broadcast_to(np.zeros(5), (1000, 5))) == 40
    assert stored(np.broadcast_to(0.0, (1000, 5))) == 8
    assert stored([array[:2], None, 3, "text"]) == 80


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_element_is_counted(name: str, dtype: str) -> None:
    """The counts of the tiers add up to gradient and loss."""
    counts = tiers(draw(Workload(30, 40, dtype), 0), name, 1)
    assert tuple(counts) == TIER_NAMES
    assert sum(counts.values()) == 30 * 40 + 1


def test_a_wide_format_needs_double_words() -> None:
    """40 bits never decide a rounding to 53."""
    counts = tiers(draw(Workload(30, 40, "float32"), 0), "binary64", 1)
    assert counts["40"] == 0
    assert counts["80"] > 0


def test_what_no_tier_decides_is_counted_apart() -> None:
    """16777217 + e**-16777217 lies above a midpoint of binary32 by next to nothing."""
    logits = np.array([[-16777216, 1]], dtype=np.float32)
    counts = tiers(Inputs(logits, np.array([0])), "binary32", 1)
    assert counts["more"] >= 1
    assert sum(counts.values()) == 3
