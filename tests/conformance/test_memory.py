"""A worker's share of memory: bounded by the machine, never too small to work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from conformance import memory

if TYPE_CHECKING:
    import pytest


@given(st.integers(1, 1000))
def test_a_share_is_within_the_machine(jobs: int) -> None:
    """More workers never get more each, and one never gets all of the memory."""
    one = memory.share(1)
    assert 0 < memory.share(jobs + 1) <= memory.share(jobs) <= one
    assert one == int(memory.SHARE * memory.total()) < memory.total()


def test_a_share_is_enough_to_work() -> None:
    """On a machine with many processors a worker still gets what a kernel needs."""
    assert memory.share(10_000) == min(memory.share(1), memory.LEAST)


def test_an_unknown_machine_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the size of the memory is not known, 0 means that there is no limit."""
    monkeypatch.setattr(memory, "total", lambda: 0)
    assert memory.share(4) == 0
