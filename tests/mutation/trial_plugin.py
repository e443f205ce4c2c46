"""What pytest runs under in a trial: no shrinking, bounded memory, a written record.

The record is one JSON object a line, written as tests run, so that it says where a
killed process was:

* `{"event": "oracle", "id": path}`: first, where `reference` is imported from;
* `{"event": "uncollected", "id": …}`: a module that cannot be collected;
* `{"event": "start" | "failed" | "passed", "id": …, "seconds": …}`: a test.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import hypothesis

if TYPE_CHECKING:
    from typing import TextIO

    import pytest

MEMORY: Final = 6 * 2**30
"""Bytes of data of a trial: a wrong edit may ask for a number of 2**(10**18) bits."""

# The examples of the tests' own profile. A failing example need not be made small.
hypothesis.settings.register_profile(
    "trial",
    deadline=None,
    derandomize=True,
    database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for the record and for the order of the tests."""
    parser.addoption("--trial-record", type=Path, help="where the events are written")
    parser.addoption("--trial-order", type=Path, help="a JSON list of tests' ids")


def pytest_configure(config: pytest.Config) -> None:
    """Bound the memory, and record what happens if there is a path for it."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    path = config.getoption("--trial-record")
    if path is not None:
        stream = path.open("w", encoding="utf-8", buffering=1)
        config.add_cleanup(stream.close)
        config.pluginmanager.register(Recorder(stream))


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Put the tests in the order asked for; others stay behind them."""
    path = config.getoption("--trial-order")
    if path is not None:
        order = json.loads(path.read_text("utf-8"))
        rank = {nodeid: place for place, nodeid in enumerate(order)}
        items.sort(key=lambda item: rank.get(item.nodeid, len(rank)))


class Recorder:
    """Writes one line for each event."""

    def __init__(self, stream: TextIO) -> None:
        """Write to an open text file."""
        self.stream = stream
        spec = find_spec("reference")
        self._write("oracle", str(spec.origin) if spec else "")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write what could not be collected."""
        if report.failed:
            self._write("uncollected", report.nodeid)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Write which test is about to run."""
        self._write("start", nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write what failed in any phase, and what passed."""
        if report.failed:
            self._write("failed", report.nodeid, report.duration)
        elif report.passed and report.when == "call":
            self._write("passed", report.nodeid, report.duration)

    def _write(self, event: str, nodeid: str, seconds: float = 0.0) -> None:
        line = json.dumps({"event": event, "id": nodeid, "seconds": seconds})
        self.stream.write(f"{line}\n")
