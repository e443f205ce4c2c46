"""Small runs of every kind in real workers, to have run files of."""

from __future__ import annotations

import shlex
import sys
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import runner
from conformance.findings import Excuses, parse_known
from conformance.plan import Scope
from conformance.profiles import Profile
from conformance.request import Request, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROFILE = Profile("test", pool=20, search=5, unit=10)
KNOWN = """
[[known]]
id = "K"
backend = "wrong@1002"
loss = "mae"
quantity = "value"
kind = "value"
dtypes = ["float32", "float64"]
reason = "for the test"
link = "unreported"
expires = 2100-01-01
witness = "pin"
ceiling = 1.0
when = { reduction = "mean", min_elements = 1, min_reach = 0.0, weight = false }
"""


def program() -> str:
    """Return the spelling of the example program as a backend."""
    file = resources.files("conformance") / "examples" / "process_backend.py"
    return f"process:{shlex.join((sys.executable, str(file)))}"


def request(folder: Path, *backends: str, **changes: Any) -> Request:
    """Return a request for a small run of fake parts in two formats."""
    fields: dict[str, Any] = {
        "scope": Scope(("mae",), ("float32", "float64"), PROFILE, 0),
        "excuses": Excuses(),
        "output": folder / "run.json",
        "jobs": 1,
        "timeout": 30.0,
        "tools": "fake_parts:parts",
    }
    return Request(backends=backends, **{**fields, **changes})


def check(folder: Path, *backends: str, stop: str = "", **changes: Any) -> Path:
    """Return the run file of a small run of fake parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        import_module("fake_parts")
        asked, halt = request(folder, *backends, **changes), Stop()

        def observe(_: object) -> None:
            halt.reason = stop

        runner.check(asked, halt, observe)
    return asked.output


def excuses() -> Excuses:
    """Return one known finding, of the backend that is wrong at its witness."""
    return Excuses(parse_known(KNOWN, "k"))


RUNS: Mapping[str, Callable[[Path], Path]] = {
    "clean": lambda folder: check(folder, "good", program()),
    "failing": lambda folder: check(
        folder, "wrong@3", "raise@2001", "wrong@1002", excuses=excuses()
    ),
    "interrupted": lambda folder: check(folder, "good", stop="interrupted"),
}
"""Kind of run → what makes its run file: all conforms, also on a program in a process
of its own; three backends fail, one of them as is known; stopped after the first unit.
"""
