"""Every command, output and snippet of the README is real."""

from __future__ import annotations

import doctest
import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
FILE = re.compile(r"```(?:python|toml)\n# (\w+\.\w+)\n(.*?)```", re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that holds the files the README tells its reader to write."""
    for name, code in FILE.findall(README):
        (tmp_path / name).write_text(code, encoding="utf-8")
    return tmp_path


def test_it_can_be_read_at_a_sitting() -> None:
    """What is longer belongs into the topics of `help`."""
    assert len(README.splitlines()) <= 340
    topics = ROOT / "conformance" / "topics"
    named = re.findall(r"(?:loss-conformance )?help ([a-z-]+)", README)
    assert len(set(named)) >= 6
    assert all((topics / f"{name}.txt").is_file() for name in named), named


def run(command: str, folder: Path) -> str:
    """Return what a command of the README prints; `ID` is the first finding's."""
    words = shlex.split(command)
    assert words.pop(0) == "loss-conformance"
    if "ID" in words:
        found = json.loads((folder / words[-1]).read_text(encoding="utf-8"))["findings"]
        words[words.index("ID")] = found[0]["id"]
    return subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    ).stdout


def promised(block: str) -> list[tuple[str, list[str]]]:
    """Return each command of a block with the passages its output must contain."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    passages = ([p.strip("\n") for p in text.split("…\n")] for text in parts[1::2])
    return list(zip(parts[::2], passages, strict=True))


@pytest.mark.parametrize("number", range(len(CONSOLE)))
def test_console(number: int, folder: Path) -> None:
    """Each command prints the passages shown, in their order."""
    for command, passages in promised(CONSOLE[number]):
        if "torch" in command:
            pytest.importorskip("torch")
        output = run(command, folder)
        assert output, command
        place = 0
        for passage in passages:
            found = output.find(passage, place)
            assert found >= 0, f"{command}\n{passage}\nis not in\n{output[:4000]}"
            place = found + len(passage)


def test_the_pytest_recipe(folder: Path) -> None:
    """The test shown is one for each requirement and storage format."""
    found = runpy.run_path(str(folder / "test_losses.py"))
    (mark,) = found["test_losses"].pytestmark
    assert mark.name == "parametrize"
    assert "CE-MEAN-VALUE-float32" in mark.kwargs["ids"]


def test_the_configuration(folder: Path) -> None:
    """It is read as it stands, and checks what the reader wrote before."""
    from conformance.configuration import find, load

    assert find(folder) == folder / "pyproject.toml"
    values = load(folder / "pyproject.toml", folder).values
    assert values["backends"] == ["./kernel.py:cross_entropy"]
    assert (folder / "kernel.py").is_file()


def test_python_session() -> None:
    """The Python session gives the results shown."""
    outcome = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert outcome.attempted >= 6
    assert not outcome.failed


def test_links() -> None:
    """Every relative link leads to a file or folder."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)


def test_exit_codes_are_those_of_the_program() -> None:
    """The exit codes listed are the ones the program's help lists."""
    codes = re.search(r"Exit codes of `check` \(.*?\): (.*?)\n\n", README, re.DOTALL)
    assert codes
    listed = set(re.findall(r"\b(\d+) [a-z]", codes[1]))
    shown = subprocess.run(
        [sys.executable, "-m", "conformance", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    codes_shown = shown.partition("codes:")[2].partition("\n\n")[0]
    assert listed == set(re.findall(r"\b(\d+) [a-z]", codes_shown))
