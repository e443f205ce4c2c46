"""A configuration gives an option its default, and the command line outranks it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from conformance.commands.check import check
from conformance.commands.configured import Configured

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=Configured)
@click.argument("backends", nargs=-1)
@click.option("--seed", type=click.IntRange(0, 9), default=0)
@click.option("--report", "reports", multiple=True)
@click.option("--no-known", is_flag=True)
def shows(backends: tuple[str, ...], **options: object) -> None:
    """Print what it was given."""
    click.echo((backends, *options.values()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder without a configuration."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str, name: str = "pyproject.toml") -> None:
    """Write a table into a file."""
    (folder / name).write_text(f"[tool.loss-conformance]\n{text}\n", encoding="utf-8")


def run(*words: str) -> tuple[int, str]:
    """Return the exit code and what the command printed."""
    done = CliRunner().invoke(shows, words)
    return done.exit_code, done.output


def test_without_configuration_nothing_is_said(folder: Path) -> None:
    """The defaults are those of the command."""
    del folder
    assert run() == (0, "((), 0, (), False)\n")


def test_the_configuration_gives_defaults(folder: Path) -> None:
    """What it decided is said first."""
    write(
        folder, 'backends = "a"\nseed = 3\nno-known = true\nreport = {markdown = "b"}'
    )
    path = folder / "pyproject.toml"
    code, said = run()
    assert code == 0
    assert said.splitlines() == [
        f"configuration {path}: backends, seed, no-known, report",
        "(('a',), 3, ('markdown=b',), True)",
    ]


def test_the_command_line_outranks_it(folder: Path) -> None:
    """An option that is given takes the place of the configured one."""
    write(folder, 'backends = ["a", "b"]\nseed = 3\nreport = {markdown = "b"}')
    code, said = run("c", "--seed", "4", "--report", "x=y")
    assert (code, said) == (0, "(('c',), 4, ('x=y',), False)\n")


def test_another_file_or_none(folder: Path) -> None:
    """`--config` names the file, `--no-config` leaves all of them alone."""
    write(folder, "seed = 3")
    write(folder, "seed = 5", "other.toml")
    assert "((), 5," in run("--config", "other.toml")[1]
    assert run("--no-config") == (0, "((), 0, (), False)\n")
    code, said = run("--no-config", "--config", "other.toml")
    assert code == 2
    assert "one of --config and --no-config may be given, got both" in said
    assert "No such file" in run("--config", "nowhere.toml")[1]


def test_what_the_option_refuses_is_the_files(folder: Path) -> None:
    """The error says that the value comes from the configuration, and from where."""
    write(folder, "seed = 30")
    code, said = run()
    assert code == 2
    assert "'--seed': 30 is not in the range 0<=x<=9" in said
    assert f"(in {folder / 'pyproject.toml'})" in said.replace("\n", "")
    assert "pyproject" not in run("--seed", "30")[1]


def test_a_broken_configuration_stops_the_start_but_not_help(folder: Path) -> None:
    """Exit code 2 with the key; help is printed all the same."""
    write(folder, "sed = 3")
    program = [sys.executable, "-m", "conformance", "check"]
    done = subprocess.run(
        program, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "has no key 'sed'; did you mean 'seed'?" in done.stderr
    helped = CliRunner().invoke(check, ["--help"])
    assert helped.exit_code == 0
    assert "--no-config" in helped.output
