"""`replay` on the command line: what it takes, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from conformance.builders.corpus import corpus
from conformance.case import DTYPES
from conformance.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*arguments: str) -> Result:
    """Return the result of `replay` with these arguments."""
    return CliRunner().invoke(cli, ["replay", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "got none"),
        (("abcdef", "--all"), "got ID and --all"),
        (("--all", "--known", "torch:cpu"), "got --all and --known"),
        (("--known", "torch:cpu", "--script", "x.py"), "--script needs one witness"),
    ],
)
def test_one_choice_is_needed(arguments: tuple[str, ...], said: str) -> None:
    """Nothing is run before it is clear what is meant."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_backend_without_known_findings_has_nothing_to_replay() -> None:
    """That is neither right nor wrong."""
    result = run("--known", "numpy")
    assert result.exit_code == 5
    assert "nothing to replay" in result.output


def test_a_named_case_runs_wherever_it_is() -> None:
    """Reports and known findings call it by its name, in all formats."""
    result = run("behind-104", "--backend", "numpy")
    assert result.exit_code == 0
    told = [line for line in result.output.splitlines() if line.startswith("behind")]
    assert told == [
        f"behind-104 (cross_entropy, {dtype})  numpy: fixed" for dtype in DTYPES
    ]
    alone = run("behind-104")
    assert alone.exit_code == 2
    assert "needs --backend, got none" in alone.output


def test_a_script_is_for_torch_alone(tmp_path: Path) -> None:
    """It would call torch's loss, not the one that failed."""
    case = next(c for c in corpus("mae", "float32") if c.name == "plain").case
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case.to_json()), encoding="utf-8")
    script = tmp_path / "script.py"
    result = run(str(file), "--backend", "numpy", "--script", str(script))
    assert result.exit_code == 2
    assert "calls torch's own losses" in result.output
    assert not script.exists()


@pytest.mark.torch
def test_a_witness_that_torch_gets_right_is_fixed(tmp_path: Path) -> None:
    """The script shows the numbers that were compared."""
    pytest.importorskip("torch")
    case = next(c for c in corpus("mae", "float32") if c.name == "plain").case
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case.to_json()), encoding="utf-8")
    script = tmp_path / "script.py"
    result = run(str(file), "--backend", "torch:cpu", "--script", str(script))
    assert result.exit_code == 0, result.output
    assert "1 fixed" in result.output
    assert "l1_loss(" in script.read_text("utf-8")
