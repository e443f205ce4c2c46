"""Time is counted once, where it was spent."""

from __future__ import annotations

import time
from collections import Counter

from conformance.stopwatch import timed


def test_a_stage_inside_another_is_not_counted_twice() -> None:
    """All stages together take as long as the outermost block."""
    spent: Counter[str] = Counter()
    start = time.perf_counter()
    with timed(spent, "outer"):
        with timed(spent, "inner"):
            time.sleep(0.02)
        time.sleep(0.01)
    passed = (time.perf_counter() - start) * 1e6
    assert spent["inner"] >= 20_000
    assert spent["outer"] >= 9_000
    assert spent.total() <= passed
