"""Reports are refused before a run or written after it, whatever the run found."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from conformance.cli import cli
from conformance.commands import reporting
from conformance.commands.reporting import Wanted
from conformance.findings import Excuses
from conformance.plan import Scope
from conformance.profiles import Profile
from conformance.request import Request, Stop
from conformance.run import exit_code, load_run, save_run
from conformance.runner import check
from conformance.writers import markdown, registry
from conformance.writers.registry import FORMATS

if TYPE_CHECKING:
    from click.testing import Result

LIGHT = [name for name, form in FORMATS.items() if not form.needs]


@pytest.fixture(scope="module")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run file with a finding."""
    path = tmp_path_factory.mktemp("run") / "run.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1]))
        import_module("fake_parts")
        scope = Scope(("mae",), ("float32",), Profile("test", pool=6, search=0), 0)
        request = Request(("wrong@3",), scope, Excuses(), path, 1, 30.0)
        check(Request(**{**vars(request), "tools": "fake_parts:parts"}), Stop())
    return path


@pytest.fixture
def run(run_file: Path) -> dict[str, Any]:
    """Return that run."""
    return load_run(run_file)


def report(*arguments: str) -> Result:
    """Return what `report` does with these arguments."""
    return CliRunner().invoke(cli, ["report", *arguments])


def test_the_formats_are_those_of_the_table(run_file: Path, tmp_path: Path) -> None:
    """Each is written to a file of its own, and `--help` tells of all of them."""
    done = report(str(run_file), "--format", ",".join(LIGHT), "--output", str(tmp_path))
    assert done.exit_code == 0, done.output
    expected = {f"run{FORMATS[name].suffix}" for name in LIGHT}
    assert {path.name for path in tmp_path.iterdir()} == expected
    ET.parse(tmp_path / "run.xml")
    ET.parse(tmp_path / "run.svg")
    for name, form in FORMATS.items():
        assert f"{name}: {form.about}" in " ".join(report("--help").output.split())


@pytest.mark.parametrize("form", LIGHT)
def test_one_format_goes_to_standard_output(
    run_file: Path, tmp_path: Path, form: str
) -> None:
    """It is what would be written to a file."""
    path = tmp_path / "report"
    assert report(str(run_file), "--format", form, "--output", str(path)).exit_code == 0
    assert report(str(run_file), "--format", form).output == path.read_text("utf-8")


def test_the_run_is_read_again_from_its_own_json(
    run_file: Path, tmp_path: Path
) -> None:
    """Format `json` loses nothing."""
    copy = tmp_path / "copy.json"
    report(str(run_file), "--format", "json", "--output", str(copy))
    assert load_run(copy) == load_run(run_file)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--format", "junit,markdown"), "2 formats need --output FOLDER"),
        (("--format", "junit,badge", "--output", "none/x"), "above it must exist"),
        (("--format", "md"), "did you mean 'markdown'?"),
        (("--format", "jnuit"), "did you mean 'junit'?"),
        (("--output", "none/report.md"), "must exist"),
    ],
)
def test_what_cannot_be_rendered_ends_with_2(
    run_file: Path, arguments: tuple[str, ...], part: str
) -> None:
    """The message says what was needed."""
    done = report(str(run_file), *arguments)
    assert (done.exit_code, part in done.output) == (2, True), done.output


@pytest.mark.parametrize("form", LIGHT)
def test_the_exit_code_is_that_of_the_work(run: Any, tmp_path: Path, form: str) -> None:
    """As the topics say: 0 where a report is written, also of a run that is no good."""
    path = tmp_path / "killed.json"
    save_run(run | {"stop": "killed", "complete": False}, path)
    assert exit_code(load_run(path)) == 3
    assert report(str(path), "--format", form).exit_code == 0
    for topic, said in (
        ("exit-codes", "0 says that they wrote what was asked for"),
        ("reports", "`report` ends with 0 if what was asked for is written"),
    ):
        text = CliRunner().invoke(cli, ["help", topic]).output
        assert said in " ".join(text.split())


def test_a_folder_for_several_formats_is_made(run_file: Path, tmp_path: Path) -> None:
    """The last one alone; nothing is made where it could not hold anything."""
    out = tmp_path / "out"
    several = ("--format", "junit,badge", "--output")
    for missing in (tmp_path / "none.json", tmp_path):
        assert report(str(missing), *several, str(out)).exit_code == 2
        assert not out.exists()
    done = report(str(run_file), *several, str(out))
    assert done.exit_code == 0, done.output
    assert f"made the folder {out}" in done.output
    assert {path.name for path in out.iterdir()} == {"run.xml", "run.svg"}
    again = report(str(run_file), *several, str(out))
    assert (again.exit_code, "made" in again.output) == (0, False)


def test_no_folder_takes_the_place_of_a_file(run_file: Path, tmp_path: Path) -> None:
    """A file of that name ends with 2, and stays as it is."""
    out = tmp_path / "out"
    out.write_text("mine", encoding="utf-8")
    done = report(str(run_file), "--format", "junit,badge", "--output", str(out))
    assert done.exit_code == 2
    assert f"must be a folder for 2 formats, {out} is a file" in done.output
    assert out.read_text(encoding="utf-8") == "mine"


def test_a_report_does_not_replace_its_run(run_file: Path) -> None:
    """The run file is never where a report goes."""
    before = run_file.read_bytes()
    for form in ("markdown", "json"):
        done = report(str(run_file), "--format", form, "--output", str(run_file))
        assert (done.exit_code, "the run file" in done.output) == (2, True)
    assert run_file.read_bytes() == before


def test_two_reports_do_not_share_a_file(tmp_path: Path) -> None:
    """Nor does a report share that of the run, by whatever name."""
    run_path = tmp_path / "run.json"
    here, link = tmp_path / "a", tmp_path / "b"
    link.symlink_to(here)
    for paths in ((here, here), (here, link), (here, tmp_path / "x" / ".." / "a")):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(click.UsageError, match="a file of its own"):
            reporting.prepare([Wanted("badge", path) for path in paths], run_path)
    with pytest.raises(click.UsageError, match="is the run file"):
        reporting.prepare([Wanted("badge", run_path)], run_path)
    reports = [Wanted("badge", here), Wanted("junit", tmp_path / "c")]
    reporting.prepare(reports, run_path)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("pdf=x", "no format named 'pdf'"),
        ("md=x", "did you mean 'markdown'?"),
        ("markdown", "must be FORMAT=PATH"),
        ("markdown=", "must be FORMAT=PATH"),
        ("=x", "no format named ''"),
        ("badge=none/x.svg", "must exist"),
        ("heavy=x", "pip install no_such_library"),
    ],
)
def test_a_report_that_cannot_be_written_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, part: str
) -> None:
    """Exit code 2, before any backend is loaded; nothing is written."""
    heavy = registry.Format("markdown", ".h", "", needs=("no_such_library",))
    table = {**FORMATS, "heavy": heavy}
    monkeypatch.setattr(registry, "FORMATS", table)
    monkeypatch.setattr(reporting, "FORMATS", table)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["check", "no_such_backend", "--report", value])
    assert (done.exit_code, part in done.output) == (2, True), done.output
    assert not list(tmp_path.iterdir())


def test_one_report_that_fails_keeps_back_no_other(
    run: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The others are written, the run is printed, and the exit code tells of it."""

    def broken(_run: object, _where: str) -> str:
        msg = "our own fault"
        raise ValueError(msg)

    monkeypatch.setattr(markdown, "write", broken)
    gone = tmp_path / "gone"
    gone.mkdir()
    wanted = [
        Wanted("markdown", tmp_path / "a.md"),
        Wanted("junit", gone / "b.xml"),
        Wanted("badge", tmp_path / "c.svg"),
    ]
    gone.rmdir()
    assert reporting.deliver(run, "run.json", wanted) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["c.svg"]
    told = capsys.readouterr()
    assert "our own fault" in told.err
    assert "b.xml cannot be written" in told.err
    assert "exit 1: does not conform" in told.out
    interrupted = {**run, "stop": "interrupted"}
    assert reporting.deliver(interrupted, "run.json", wanted) == 130


def test_the_exit_code_is_that_of_the_run(run: dict[str, Any], tmp_path: Path) -> None:
    """Reports are written though the run fails, and though it is incomplete."""
    wanted = [Wanted("badge", tmp_path / "b.svg")]
    assert reporting.deliver(run, "run.json", wanted) == 1
    assert "1 finding" in wanted[0].path.read_text("utf-8")
    assert reporting.deliver({**run, "stop": "killed"}, "run.json", wanted) == 3
    assert "incomplete, 1 finding" in wanted[0].path.read_text("utf-8")


def test_the_summary_of_a_step_is_added_to(
    run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another command wrote there stays; any other file is written anew."""
    summary, other = tmp_path / "summary", tmp_path / "other.md"
    for path in (summary, other):
        path.write_text("# before", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    wanted = [Wanted("markdown", summary), Wanted("markdown", other)]
    for _ in range(2):
        reporting.deliver(run, "run.json", wanted)
    text = summary.read_text("utf-8")
    assert text.startswith("# before\n<!--")
    assert text.count("\n# Tolerance report\n") == 2
    assert other.read_text("utf-8").count("# Tolerance report") == 1


@pytest.mark.parametrize(("variable", "shown"), [("true", True), ("", False)])
def test_github_is_told_of_findings(
    run: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    shown: bool,  # noqa: FBT001 - pytest passes parameters by name
) -> None:
    """In a workflow of GitHub Actions, and nowhere else."""
    monkeypatch.setenv("GITHUB_ACTIONS", variable)
    reporting.deliver(run, "run.json", [])
    assert ("\n::error title=wrong@3" in capsys.readouterr().out) == shown


def test_a_hostile_run_file_cannot_command_a_terminal(
    run_file: Path, tmp_path: Path
) -> None:
    """Escape sequences of a name are printed as text."""
    data = json.loads(run_file.read_text("utf-8"))
    data["notes"] = {"\x1b]0;owned\x07 \x9b31m": 1}
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    output = report(str(path), "--format", "terminal").output
    assert "\\u001b]0;owned\\u0007 \\u009b31m" in output
    assert not {"\x1b", "\x07", "\x9b"} & set(output)


MATRIX: Any = {
    "mutants": [
        {"name": "zeros", "mechanism": "0", "kills": {"value": 1}, "first": None}
    ],
    "checks": {"value": {"kills": 1, "alone": []}},
    "survivors": [],
    "cells": [],
    "profile": "quick",
    "seed": 0,
    "accusations": [],
    "faults": [],
}


def test_a_page_takes_a_kill_matrix_along(run_file: Path, tmp_path: Path) -> None:
    """What a self-test wrote is in the page that is asked to show it, in no other."""
    matrix = tmp_path / "matrix.json"
    matrix.write_text(json.dumps(MATRIX))
    options = ("--format", "html", "--self-test", str(matrix))
    done = report(str(run_file), *options)
    assert done.exit_code == 0, done.output
    assert "1 of 1 mutants caught" in done.output
    assert "mutants caught" not in report(str(run_file), "--format", "html").output


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("{", "html", "must be what `self-test --json` wrote"),
        ("[]", "html", "must be what `self-test --json` wrote"),
        ('{"checks": {}, "mutants": [1]}', "html", "must be what `self-test --json`"),
        (None, "html", "cannot be read"),
        (json.dumps(MATRIX), "markdown", "shown by --format html alone, got markdown"),
    ],
)
def test_what_is_no_kill_matrix_is_refused(
    run_file: Path, tmp_path: Path, text: str | None, form: str, told: str
) -> None:
    """The file at fault is named, rather than the run file."""
    matrix = tmp_path / "matrix.json"
    if text is not None:
        matrix.write_text(text)
    done = report(str(run_file), "--format", form, "--self-test", str(matrix))
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())
