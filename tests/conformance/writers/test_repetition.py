"""Two runs of the same, and their reports, differ in time and surroundings alone."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.findings import Excuses
from conformance.plan import Scope
from conformance.profiles import Profile
from conformance.request import Request, Stop
from conformance.runner import check
from conformance.tools import PRODUCTION
from conformance.writers.registry import FORMATS, FormatError, render, writer

if TYPE_CHECKING:
    from collections.abc import Mapping

PROFILE = Profile("tiny", pool=6, search=3, unit=4)
VOLATILE = ("environment", "time")
TIMELESS = ("markdown", "badge", "annotations")


def measured(folder: Path, backend: str, jobs: int, tools: str) -> dict[str, Any]:
    """Return a run made by so many workers."""
    scope = Scope(("mae",), ("float32",), PROFILE, 0)
    path = folder / f"{jobs}.json"
    request = Request((backend,), scope, Excuses(), path, jobs, 60.0, tools)
    return check(request, Stop())


def steady(run: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    """Return `run` with time and surroundings of `model`."""
    return {**run, **{name: model[name] for name in VOLATILE}}


def compare_reports(one: Mapping[str, Any], two: Mapping[str, Any]) -> None:
    """Assert that all reports of the two runs are the same but for what may differ."""
    assert steady(one, two) == two
    assert one["time"] != two["time"]
    for name in FORMATS:
        try:
            writer(name)
        except FormatError:
            continue
        assert render(name, steady(one, two), "r") == render(name, two, "r"), name
        if name in TIMELESS:
            assert render(name, one, "r") == render(name, two, "r"), name


def test_reports_repeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one worker and with two, in whatever order units end."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    import_module("fake_parts")
    runs = [measured(tmp_path, "wrong@3", jobs, "fake_parts:parts") for jobs in (1, 2)]
    compare_reports(*runs)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["numpy", "mutant:truncated"])
def test_reports_of_real_backends_repeat(tmp_path: Path, backend: str) -> None:
    """Cases, verdicts, search and shrunk witnesses are the same every time."""
    runs = [measured(tmp_path, backend, jobs, PRODUCTION) for jobs in (1, 2)]
    compare_reports(*runs)
