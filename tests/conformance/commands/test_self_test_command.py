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
    """What is right in every case cannot be caught."""
    result = run("conformance.backends.numpy:NumpyBackend", *CELL)
    assert result.exit_code == 1, result.output
    assert "survives: conformance.backends.numpy:NumpyBackend" in result.output


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("weights_dropped", "it can show in cross_entropy, not in mae"),
        ("mutant:weights_dropped", "it can show in cross_entropy, not in mae"),
        ("truncated", "it can show in float16, bfloat16, not in float32"),
        ("FILE", "it can show in mse, not in mae"),
    ],
)
def test_what_cannot_show_is_not_run(tmp_path: Path, name: str, reason: str) -> None:
    """No survivor is made of a fault that no case asked for could meet: exit code 5."""
    file = tmp_path / "mine.py"
    file.write_text("def mse(input, target): return 0", encoding="utf-8")
    spec = f"{file}:mse" if name == "FILE" else f"mutant:{name.removeprefix('mutant:')}"
    data = tmp_path / "kills.json"
    result = run(spec if name == "FILE" else name, *CELL, "--json", str(data))
    assert result.exit_code == 5, result.output
    assert f"not run: {spec}: {reason}" in result.output
    assert "nothing was run" in result.output
    assert "survives" not in result.output
    assert json.loads(data.read_text("utf-8"))["not_run"] == [f"{spec}: {reason}"]


@pytest.mark.slow
def test_the_others_are_run() -> None:
    """Who cannot show is told beside those that were tried."""
    result = run("weights_dropped", "zeros", *CELL)
    assert result.exit_code == 0, result.output
    assert "1 of 1 mutants caught" in result.output
    assert "not run: mutant:weights_dropped: it can" in result.output
