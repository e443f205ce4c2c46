"""A self-test in real worker processes, with backends that misbehave."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from conformance.profiles import Profile
from conformance.self_test.matrix import build
from conformance.self_test.session import Assignment, Session

PROFILE = Profile("test", pool=8, search=0)


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    import_module("fake_parts")


def matrix(*specs: str, **changes: Any) -> dict[str, Any]:
    """Return what a self-test of these backends finds."""
    cells = {("mae", "float32"): specs}
    fields: dict[str, Any] = {"profile": PROFILE, "timeout": 60.0} | changes
    session = Session(Assignment(cells, **fields, tools="fake_parts:parts"))
    seconds = session.run()
    catalogue = import_module("fake_parts").catalogue()
    return build(session, {s: (s, "") for s in specs}, catalogue, seconds)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["crash", "segfault"])
def test_a_crash_costs_only_its_own_backend(how: str) -> None:
    """The others of the cell are tried without it."""
    data = matrix(f"{how}@3", "wrong@5", "good")
    rows = {row["name"]: row for row in data["mutants"]}
    assert rows[f"{how}@3"]["first"]["status"] == "crashed"
    assert rows["wrong@5"]["kills"] == {"values": 1}
    assert data["survivors"] == ["good"]
    assert data["faults"] == data["accusations"] == []


@pytest.mark.slow
def test_a_hang_is_caught() -> None:
    """A backend that does not return is stopped, and caught by that."""
    data = matrix("hang@3", "wrong@5", timeout=5.0)
    assert data["survivors"] == []
    assert data["mutants"][0]["first"]["status"] == "hung"


@pytest.mark.slow
def test_survivors_are_searched_for() -> None:
    """What no case has caught is given a directed search."""
    profile = Profile("test", pool=2, search=5)
    data = matrix("wrong@2004", "good", profile=profile)
    assert data["survivors"] == ["good"]
    assert data["mutants"][0]["first"]["origin"] == "search"
