"""A run file damaged by hand is told of, and never ends in a traceback."""

from __future__ import annotations

import json
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from conformance.cli import cli
from conformance.findings import Excuses
from conformance.plan import Scope
from conformance.profiles import Profile
from conformance.request import Request, Stop
from conformance.runner import check
from conformance.writers.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILE = Profile("test", pool=6, search=2, unit=10)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the text of a run file with a finding, a named case and a fault."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1]))
        import_module("fake_parts")
        scope = Scope(("mae",), ("float32",), PROFILE, 0)
        path = folder / "run.json"
        parts = "fake_parts:parts"
        check(Request(("wrong@3",), scope, Excuses(), path, 1, 30.0, parts), Stop())
    return path.read_text(encoding="utf-8")


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything inside `value`; of a list, to its first element."""
    inside = value.items() if isinstance(value, dict) else enumerate(value[:1])
    for key, item in inside:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


def damaged(text: str) -> Iterator[tuple[str, Any]]:
    """Yield what was done, and a run with one thing removed or of another type."""
    for way in places(json.loads(text)):
        for wrong in ("gone", None, 7, "text", [], {}):
            run = json.loads(text)
            *outer, last = way
            inner = run
            for key in outer:
                inner = inner[key]
            if wrong == "gone":
                del inner[last]
            else:
                inner[last] = wrong
            yield f"{way}: {wrong!r}", run


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_every_damage_is_told_of(whole: str, tmp_path: Path, step: int) -> None:
    """A report is written or refused with exit code 2; the message names the file."""
    path = tmp_path / "run.json"
    refused = 0
    for what, run in islice(damaged(whole), 0, None, step):
        path.write_text(json.dumps(run), encoding="utf-8")
        for form in (name for name, form in FORMATS.items() if not form.needs):
            done = CliRunner().invoke(cli, ["report", str(path), "--format", form])
            assert done.exit_code in {0, 2}, (what, done.exception)
            assert done.exit_code == 0 or str(path) in done.output
            refused += done.exit_code == 2
    assert refused > 100 // step


def test_a_damaged_finding_is_not_replayed(whole: str, tmp_path: Path) -> None:
    """Before a worker starts, the message names the file and what is wrong."""
    path = tmp_path / "run.json"
    run = json.loads(whole)
    name = run["findings"][0]["id"]
    run["findings"][0]["case"]["arguments"]["input"] = 7
    run["findings"][0]["shrunk"] = None
    path.write_text(json.dumps(run), encoding="utf-8")
    done = CliRunner().invoke(cli, ["replay", name, "--run", str(path)])
    assert done.exit_code == 2
    assert f"{path} is damaged" in done.output
