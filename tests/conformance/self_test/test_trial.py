"""One cell of the self-test, in this process, with small parts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from conformance.packing import loads
from conformance.self_test.trial import (
    CONTROL,
    ENOUGH,
    Trial,
    cases,
    check_of,
    perform,
    size,
)
from conformance.tools import production


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    import_module("fake_parts")


def found(folder: Path, *specs: str, **changes: Any) -> dict[str, dict[str, Any]]:
    """Return the record of each backend."""
    fields: dict[str, Any] = {"pool": 20, "search": 0, "seed": 0} | changes
    trial = Trial("mae", "float32", specs, **fields, tools="fake_parts:parts")
    data = loads(perform(trial, folder / "crumb"))
    assert "fault" not in data, data
    return {s["spec"]: s for s in data["suspects"]}


def test_the_first_case_that_catches_is_told(tmp_path: Path) -> None:
    """Case 3 of the pool comes after the two named ones."""
    first = found(tmp_path, "wrong@3")["wrong@3"]["first"]
    assert first["origin"] == "pool:0:3"
    assert first["cases"] == 6
    assert (first["check"], first["requirement"]) == ("values", "MAE-VALUE")


def test_who_answers_correctly_is_not_caught(tmp_path: Path) -> None:
    """The correct backend takes part and, like another, runs every case."""
    records = found(tmp_path, "good")
    assert set(records) == {CONTROL, "good"}
    assert all(not r["caught"] and r["cases"] == 22 for r in records.values())


def test_an_exception_is_caught(tmp_path: Path) -> None:
    """What a backend raises, even SystemExit, is an outcome, and a wrong one."""
    records = found(tmp_path, "raise@3", "leave@4")
    assert records["raise@3"]["kills"] == {"errors": 1}
    assert records["leave@4"]["kills"] == {"errors": 1}


def test_enough_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that fails everywhere drops out, and the trial with the last one."""
    parts = import_module("fake_parts")
    monkeypatch.setattr(parts, "index_of", lambda _case: 3)
    record = found(tmp_path, "wrong@3")["wrong@3"]
    assert record["caught"] == record["cases"] == ENOUGH


def test_a_search_ends_with_its_first_find(tmp_path: Path) -> None:
    """A searched backend runs no other cases, and no more than needed."""
    records = found(tmp_path, "wrong@2002", "good", search=5)
    assert records["wrong@2002"]["cases"] == 3
    assert records["good"]["cases"] == 5


def test_what_we_break_ourselves_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that raises is told, and catches nobody."""
    monkeypatch.setenv("FAKE_PARTS_CHECK", "3")
    record = found(tmp_path, "wrong@3")["wrong@3"]
    assert record["faults"]
    assert not record["caught"]


def test_large_named_cases_come_last() -> None:
    """Named cases grow, then comes the pool, then what takes long."""
    trial = Trial("cross_entropy", "float32", (), 3, 0, 0, "")
    order = list(cases(trial, production()))
    place = [c.origin.startswith("pool") for c in order].index(True)
    sizes = [size(c) for c in order[:place]]
    assert sizes == sorted(sizes)
    assert all(c.origin.startswith("pool") for c in order[place : place + 3])
    assert all(size(c) > sizes[-1] for c in order[place + 3 :])


def test_a_larger_profile_runs_its_named_cases() -> None:
    """What is named for `ci` is run by it and by `deep`, not by `quick`."""
    sizes = {}
    for level in ("quick", "ci", "deep"):
        trial = Trial("mae", "float32", (), 0, 0, 0, "", level)
        sizes[level] = len(list(cases(trial, production())))
    assert sizes["quick"] < sizes["ci"] < sizes["deep"]


def test_every_quantity_has_a_check() -> None:
    """What a check is called does not depend on the argument it is about."""
    names = {check_of(r.quantity) for r in production().catalogue()}
    assert {"values", "gradients", "results", "purity", "errors"} <= names
    assert not any("." in name for name in names)
