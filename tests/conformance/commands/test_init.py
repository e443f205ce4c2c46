"""`init` writes files that work, and none that were there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from conformance.cli import cli
from conformance.commands.init import requirement

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
    """A new user has a verdict by the command that `init` prints.

    So has the workflow, which keeps a summary, and the page and JUnit XML as artifacts.
    """
    done = run(tmp_path, "init", "--backend")
    assert done.returncode == 0, done.stderr
    assert "wrote loss_backend.py\n" in done.stdout
    following = shlex.split(done.stdout.rpartition("next:")[2])
    assert following[0] == "loss-conformance"
    text = (tmp_path / WORKFLOW).read_text("utf-8").replace('"3.12"', "3.12")
    check, report, upload = parsed(text)["jobs"]["losses"]["steps"][-3:]
    assert check["run"].startswith(f"{shlex.join(following)} ")
    words = shlex.split(check["run"].replace("$GITHUB_STEP_SUMMARY", "summary.md"))
    checked = run(tmp_path, *words[1:], "--loss", "mse", "--dtype", "float32")
    assert checked.returncode == 0, checked.stdout
    assert "exit 0: everything checked conforms" in checked.stdout
    assert (tmp_path / "summary.md").is_file()
    assert report["if"] == upload["if"] == "always()"
    assert run(tmp_path, *shlex.split(report["run"])[1:]).returncode == 0
    kept = {path.suffix for path in tmp_path.glob(upload["with"]["path"])}
    assert kept == {".json", ".html", ".xml"}
    assert upload["uses"].startswith("actions/upload-artifact@")


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


def test_a_ci_file_alone(tmp_path: Path) -> None:
    """It checks the backend that is named, and nothing else is written."""
    spec = "process:./my loss"
    done = run(tmp_path, "init", "--ci", spec)
    assert done.returncode == 0, done.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / WORKFLOW]
    command = f"loss-conformance check {shlex.quote(spec)}"
    assert done.stdout.splitlines()[-1] == f"  {command}"
    text = (tmp_path / WORKFLOW).read_text("utf-8")
    assert f"- run: {command} --output" in text
    assert run(tmp_path, "init", "--ci", spec).returncode == 2


@pytest.mark.parametrize("name", ["process:a: b", "process:a #b", "./größe.py:f"])
def test_no_name_acts_in_the_workflow(tmp_path: Path, name: str) -> None:
    """What means something in YAML is quoted; the shell gets it as it was given."""
    assert run(tmp_path, "init", "--ci", name).returncode == 0
    text = (tmp_path / WORKFLOW).read_text("utf-8")
    (line,) = re.findall(r"- run: (.*check.*)", text)
    assert shlex.split(json.loads(line))[:3] == ["loss-conformance", "check", name]


def test_several_files_in_the_way(tmp_path: Path) -> None:
    """All are named."""
    run(tmp_path, "init", "--backend")
    done = run(tmp_path, "init", "--backend")
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert f"loss_backend.py and {WORKFLOW} must not exist yet: move them, or" in said


@pytest.mark.parametrize(
    "words",
    [[], ["--backend", "--process", "c"], ["--backend", "--ci", "x"], ["--ci", ""]],
)
def test_one_thing_at_a_time(tmp_path: Path, words: list[str]) -> None:
    """Neither nothing nor two things can be asked for."""
    done = run(tmp_path, "init", *words)
    assert done.returncode == 2
    assert "one of --backend, --process and --ci" in done.stderr


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


def parsed(text: str) -> Any:
    """Return what a file in the plain part of YAML says that the workflow keeps to."""
    lines = [ln for ln in text.splitlines() if ln.strip() and ln.lstrip()[0] != "#"]
    return _block(lines, 0)


def _block(lines: list[str], indent: int) -> Any:
    made: dict[str, Any] = {}
    listed: list[Any] = []
    while lines and len(lines[0]) - len(lines[0].lstrip()) == indent:
        line = lines.pop(0).strip()
        if line.startswith("- "):
            lines.insert(0, " " * (indent + 2) + line[2:])
            listed.append(_block(lines, indent + 2))
            continue
        key, value = re.fullmatch(r"([\w-]+):(?: (.*))?", line).groups()  # type: ignore[union-attr]
        # In a plain word these would mean something else.
        assert value is None or not re.search(
            r": | #|^[\'\"&*!|>%@`{]", value[:1] + value
        )
        below = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
        made[key] = _block(lines, below) if value is None else value
    assert not (made and listed)
    return made or listed


@pytest.mark.parametrize("words", [["--backend"], ["--process", "c"]])
def test_the_workflow_is_yaml(tmp_path: Path, words: list[str]) -> None:
    """One job whose steps install the program, and then run what `init` prints."""
    done = run(tmp_path, "init", *words)
    text = (tmp_path / WORKFLOW).read_text("utf-8").replace('"3.12"', "3.12")
    steps = parsed(text)["jobs"]["losses"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[0] == f"pip install {shlex.quote(requirement())}"
    following = [ln.strip() for ln in done.stdout.partition("next:")[2].splitlines()]
    for command in filter(None, following):
        assert any(c.startswith(command) for c in commands), command
    assert all({*step} <= {"if", "run", "uses", "with"} for step in steps)


@pytest.mark.parametrize("origin", [None, {"url": "https://host/x.whl"}])
def test_no_index_is_promised(
    origin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare name is installed only below the advice to say where it is from."""

    class Noted:
        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return None if origin is None else json.dumps(origin)

    monkeypatch.setattr(metadata, "distribution", lambda _: Noted())
    done = CliRunner().invoke(cli, ["init", "--backend", str(tmp_path)])
    assert done.exit_code == 0, done.output
    lines = (tmp_path / WORKFLOW).read_text("utf-8").splitlines()
    (at,) = (i for i, line in enumerate(lines) if "pip install" in line)
    above = " ".join(line.strip(" #") for line in lines[at - 2 : at])
    by_name = lines[at].split() == ["-", "run:", "pip", "install", "loss-conformance"]
    assert by_name == (origin is None)
    assert ("replace the name by where you have it from" in above) == by_name


@pytest.mark.parametrize(
    ("origin", "needed"),
    [
        (None, "loss-conformance"),
        ({"url": "file:///home/me/x", "dir_info": {}}, "loss-conformance"),
        (
            {
                "url": "https://host/x.git",
                "vcs_info": {"vcs": "git", "commit_id": "c0ffee"},
            },
            "loss-conformance @ git+https://host/x.git@c0ffee",
        ),
        (
            {"url": "https://host/x.whl", "archive_info": {}},
            "loss-conformance @ https://host/x.whl",
        ),
    ],
)
def test_ci_installs_what_is_installed_here(
    origin: Any, needed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an index by name, from elsewhere by its URL."""

    class Noted:
        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return None if origin is None else json.dumps(origin)

    monkeypatch.setattr(metadata, "distribution", lambda _: Noted())
    assert requirement() == needed
