"""`init` writes files that work, and none that were there."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW = ".github/workflows/loss-conformance.yml"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Return what the program does in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_next_command_is_green(tmp_path: Path) -> None:
    """A new user has a verdict by the command that `init` prints."""
    done = run(tmp_path, "init", "--backend")
    assert done.returncode == 0, done.stderr
    assert "wrote loss_backend.py\n" in done.stdout
    following = shlex.split(done.stdout.rpartition("next:")[2])
    assert following[0] == "loss-conformance"
    less = ["--loss", "mse", "--dtype", "float32"]
    checked = run(tmp_path, *following[1:], *less)
    assert checked.returncode == 0, checked.stdout
    assert "exit 0: everything checked conforms" in checked.stdout
    spec = shlex.join(following[2:])
    assert f"loss-conformance check {spec} " in (tmp_path / WORKFLOW).read_text("utf-8")


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    """A file in the way stops everything, unless --force says otherwise."""
    (tmp_path / "loss_backend.py").write_text("mine", encoding="utf-8")
    done = run(tmp_path, "init", "--backend")
    assert done.returncode == 2
    assert "loss_backend.py must not exist yet: move it, or give --force" in done.stderr
    assert (tmp_path / "loss_backend.py").read_text("utf-8") == "mine"
    assert not (tmp_path / WORKFLOW).exists()
    assert run(tmp_path, "init", "--backend", "--force").returncode == 0
    assert "class Mine" in (tmp_path / "loss_backend.py").read_text("utf-8")


@pytest.mark.parametrize("words", [[], ["--backend", "--process", "c"]])
def test_one_thing_at_a_time(tmp_path: Path, words: list[str]) -> None:
    """Neither nothing nor two things can be asked for."""
    done = run(tmp_path, "init", *words)
    assert done.returncode == 2
    assert "one of --backend and --process" in done.stderr


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler named cc")
def test_a_program_in_c(tmp_path: Path) -> None:
    """The compiler's command is printed, and stands in the CI file before the check."""
    done = run(tmp_path, "init", "--process", "c", str(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    place, compile_, check = lines[lines.index("next:") + 1 :]
    assert place == f"cd {tmp_path}"
    subprocess.run(shlex.split(compile_), cwd=tmp_path, check=True)
    assert (tmp_path / "process_backend").is_file()
    assert check == "loss-conformance check process:./process_backend"
    workflow = (tmp_path / WORKFLOW).read_text("utf-8")
    assert workflow.index(compile_) < workflow.index(check)


def test_a_program_in_python(tmp_path: Path) -> None:
    """Its name is one word for the shell."""
    done = run(tmp_path, "init", "--process", "python")
    assert "loss-conformance check 'process:python process_backend.py'" in done.stdout
    assert (tmp_path / "process_backend.py").is_file()
