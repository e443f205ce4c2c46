"""`self-test` on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from conformance.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

CELL = ("--loss", "mae", "--dtype", "float32", "--jobs", "1")


def run(*arguments: str) -> Result:
    """Return the result of `self-test` with these arguments."""
    return CliRunner().invoke(cli, ["self-test", *arguments])


@pytest.mark.parametrize(
    "arguments",
    [
        ("zeroes",),
        ("./nowhere.py:backend",),
        ("zeros", "--loss", "huber"),
        ("zeros", "--profile", "slow"),
        ("zeros", "--json", "/nowhere/at/all.json"),
        ("zeros", "--markdown", "/nowhere/at/all.md"),
    ],
)
def test_what_cannot_start_ends_with_2(arguments: tuple[str, ...]) -> None:
    """Nothing is run before names, options and files are found to be good."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output


@pytest.mark.slow
def test_all_caught_ends_with_0(tmp_path: Path) -> None:
    """The matrix is printed and written, as data and as a page."""
    data, page = tmp_path / "kills.json", tmp_path / "kills.md"
    result = run("zeros", *CELL, "--json", str(data), "--markdown", str(page))
    assert result.exit_code == 0, result.output
    assert "1 of 1 mutants caught" in result.output
    assert json.loads(data.read_text("utf-8"))["survivors"] == []
    assert "| zeros |" in page.read_text("utf-8")


@pytest.mark.slow
def test_a_survivor_ends_with_1() -> None:
    """Class weights cannot be missed where there are none."""
    result = run("weights_dropped", *CELL)
    assert result.exit_code == 1, result.output
    assert "survives: mutant:weights_dropped" in result.output
