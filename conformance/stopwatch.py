"""Where the time of a run went."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator


@contextmanager
def timed(spent: Counter[str], stage: str) -> Iterator[None]:
    """Add the microseconds that a block takes to `spent[stage]`.

    What stages inside the block took is theirs and is not counted twice. Whole
    microseconds, so that sums do not depend on the order of merging.
    """
    start, inside = time.perf_counter_ns(), spent.total()
    try:
        yield
    finally:
        passed = (time.perf_counter_ns() - start) // 1000
        spent[stage] += max(0, passed - (spent.total() - inside))
