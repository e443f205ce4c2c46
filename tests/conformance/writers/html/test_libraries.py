"""Who wants no page needs neither jinja2 nor matplotlib."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from conformance.cli import cli
from conformance.packing import dumps

if TYPE_CHECKING:
    from pathlib import Path

LIBRARIES = ("jinja2", "matplotlib")
LOADED = """
import sys
from click.testing import CliRunner
from conformance.cli import cli

markdown = ["report", "RUN", "--format", "markdown"]
for words in (["--help"], ["check", "--help"], markdown):
    assert CliRunner().invoke(cli, words).exit_code in (0, 2), words
import conformance.writers.html, conformance.writers.comparison.page
print(*sorted({"jinja2", "matplotlib", "torch"} & sys.modules.keys()))
"""


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make both libraries look as if they were not installed."""
    for name in LIBRARIES:
        monkeypatch.setitem(sys.modules, name, None)


def run(*words: str) -> Any:
    """Return what a command does."""
    return CliRunner().invoke(cli, words)


def test_nothing_loads_them_before_a_page_is_written(tmp_path: Path) -> None:
    """Help and other formats start as fast as without them."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


@pytest.mark.usefixtures("without")
def test_a_check_that_is_to_give_a_page_does_not_start(tmp_path: Path) -> None:
    """What to install is told before any work is done, exit code 2."""
    output, page = tmp_path / "run.json", tmp_path / "page.html"
    report = f"html={page}"
    done = run("check", "numpy", "--output", str(output), "--report", report)
    assert done.exit_code == 2
    assert "pip install jinja2" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without")
def test_a_run_can_be_told_otherwise(measured: Any, tmp_path: Path) -> None:
    """Every other format is to be had; the page is refused, exit code 2."""
    path = tmp_path / "run.json"
    path.write_text(dumps(measured))
    refused = run("report", str(path), "--format", "html")
    assert refused.exit_code == 2
    assert "pip install jinja2" in refused.output
    done = run("report", str(path), "--format", "markdown")
    assert done.exit_code == 0, done.output
    assert "mutant:log_of_softmax" in done.output
