"""The command line, as a user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.run import load_run

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FAKE = "import conformance.tools as t; t.PRODUCTION = 'fake_parts:parts'; "
MAIN = "from conformance.cli import main; main()"
SMALL = ("--loss", "mae", "--dtype", "float32", "--jobs", "1")


def start(
    folder: Path, *arguments: str, fake: bool = True, **more: str
) -> subprocess.Popen[str]:
    """Start the command in `folder`, with its own process group as in a shell."""
    code = (FAKE if fake else "") + MAIN
    path = os.pathsep.join((str(ROOT), str(HERE)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **more}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def run(
    folder: Path, *arguments: str, fake: bool = True, **more: str
) -> tuple[int, str]:
    """Return the exit code and all output."""
    with start(folder, *arguments, fake=fake, **more) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out + err


def wait_for_lines(path: Path, number: int) -> None:
    """Return when the journal has that many lines."""
    for _ in range(600):
        if path.exists() and path.read_bytes().count(b"\n") >= number:
            return
        time.sleep(0.1)
    pytest.fail(f"{path} never got {number} lines")


def test_help_imports_nothing_heavy() -> None:
    """Neither torch nor any numerical library is loaded to print help."""
    code = (
        "import sys; from conformance.cli import cli;"
        "cli(['--help'], standalone_mode=False);"
        "print(sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in (
        "torch",
        "numpy",
        "mpmath",
        "ml_dtypes",
        "hypothesis",
        "pebble",
        "rich",
    ):
        assert f"'{name}'" not in done.stdout
    for name in (
        "check",
        "replay",
        "oracle",
        "certificates",
        "report",
        "bench",
        "backends",
        "requirements",
    ):
        assert f"  {name} " in done.stdout


def test_the_version_needs_no_installation(tmp_path: Path) -> None:
    """In a checkout too, the version is told and the exit code is 0."""
    code, text = run(tmp_path, "--version")
    assert code == 0
    assert re.fullmatch(r"loss-conformance (from a checkout|\d+\.\S+)\s*", text)


def test_a_good_backend_ends_with_0(tmp_path: Path) -> None:
    """The table, the examples and the reason for the exit code are printed."""
    code, text = run(tmp_path, "check", "good", *SMALL)
    assert code == 0, text
    assert "conforms" in text
    assert "tutorial-mae" in text
    assert "exit 0: everything checked conforms" in text


def test_a_finding_ends_with_1_and_replays(tmp_path: Path) -> None:
    """The replay line printed works: 1 as long as it fails, 0 elsewhere."""
    reports = ("--report", "markdown=r.md", "--report", "junit=r.xml")
    code, text = run(tmp_path, "check", "wrong@3", *SMALL, *reports)
    assert code == 1, text
    words = text.partition("loss-conformance replay ")[2].split()
    name, file = words[0], words[2]
    assert run(tmp_path, "replay", name, "--run", file)[0] == 1
    code, text = run(tmp_path, "replay", name[:6], "--backend", "good")
    assert (code, "fixed" in text) == (0, True)
    for report in ("r.md", "r.xml"):
        assert f"replay {name}" in (tmp_path / report).read_text(encoding="utf-8")
    case = load_run(tmp_path / file)["findings"][0]["case"]
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")
    assert run(tmp_path, "replay", "case.json", "--backend", "wrong@3")[0] == 1
    (tmp_path / "case.json").write_text("{}", encoding="utf-8")
    code, text = run(tmp_path, "replay", "case.json", "--backend", "good")
    assert (code, "it lacks loss" in text) == (2, True), text


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("check", "good", "--loss", "mea"), "did you mean"),
        (("check", "good", "--dtype", "float23"), "did you mean 'float32'"),
        (("check", "good", "--loss", ""), "must name a loss"),
        (("check", "absent"), "known: good"),
        (("check", "process:echo hello"), "must greet"),
        (("check", "good", "--output", "none/run.json"), "must exist"),
        (("check", "good", "--report", "pdf=x"), "known: terminal, markdown"),
        (("check", "good", "--known", "none.toml"), "cannot be read"),
        (("chekc",), "did you mean 'check'"),
        (("report", "none.json"), "cannot be read"),
        (("replay", "abcdef", "--run", "none.json"), "cannot be read"),
    ],
)
def test_what_cannot_start_ends_with_2(
    tmp_path: Path, arguments: tuple[str, ...], part: str
) -> None:
    """The message says what was needed; nothing is written."""
    code, text = run(tmp_path, *arguments)
    assert (code, part in text) == (2, True), text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("witness", "part"),
    [("no-such-case", "'no-such-case'"), ("plain", "which in float32 has reduction")],
)
def test_a_known_finding_needs_a_witness_that_is_run(
    tmp_path: Path, witness: str, part: str
) -> None:
    """Without one that it is about, it never turned out to be stale, or always did."""
    entry = f"""
    [[known]]
    id = "K"
    backend = "good"
    loss = "mae"
    quantity = "value"
    kind = "raised"
    dtypes = ["float32"]
    when = {{ reduction = "sum" }}
    reason = "for the test"
    link = "unreported"
    expires = 2100-01-01
    witness = "{witness}"
    """
    (tmp_path / "known.toml").write_text(entry, encoding="utf-8")
    code, text = run(tmp_path, "check", "good", *SMALL, "--known", "known.toml")
    assert (code, part in text) == (2, True), text


def test_an_unknown_id_ends_with_2(tmp_path: Path) -> None:
    """No such witness is not the same as one that fails."""
    run(tmp_path, "check", "good", *SMALL)
    assert run(tmp_path, "replay", "0123456789ab")[0] == 2


def test_nothing_to_check_ends_with_5(tmp_path: Path) -> None:
    """A loss that no backend offers leaves nothing checked: that is not success."""
    code, text = run(tmp_path, "check", "good", "--loss", "mse")
    assert (code, text.count("nothing was checked")) == (5, 1), text
    assert "asked for: mse in float16" in text
    assert "good offers: mae in float32, float64" in text


def test_our_own_fault_ends_with_3(tmp_path: Path) -> None:
    """A check that raises never ends in 0."""
    code, text = run(tmp_path, "check", "good", *SMALL, FAKE_PARTS_CHECK="3")
    assert (code, "check is broken" in text) == (3, True), text


@pytest.mark.parametrize("times", [1, 3])
def test_interrupts_leave_a_readable_file(tmp_path: Path, times: int) -> None:
    """Ctrl-C, once or again and again: exit code 130 and an incomplete run file."""
    with start(tmp_path, "check", "good", *SMALL, FAKE_PARTS_SLEEP="0.002") as process:
        wait_for_lines(tmp_path / "loss-conformance-run.json.journal.jsonl", 2)
        for _ in range(times):
            # The whole group gets it, workers too, as from a terminal.
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.02)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    stored = load_run(tmp_path / "loss-conformance-run.json")
    assert (stored["stop"], stored["complete"]) == ("interrupted", False)
    assert "exit 130: interrupted" in out
    assert stored["totals"]["cases"] > 0
    code, text = run(tmp_path, "report", "--format", "terminal")
    assert (code, "exit 130" in text) == (0, True)


def test_a_killed_run_can_still_be_reported(tmp_path: Path) -> None:
    """Kill -9 leaves a journal that `report` reads; no worker lives on."""
    with start(tmp_path, "check", "good", *SMALL, FAKE_PARTS_SLEEP="0.002") as process:
        wait_for_lines(tmp_path / "loss-conformance-run.json.journal.jsonl", 2)
        process.kill()
        process.communicate(timeout=60)
    code, text = run(tmp_path, "report")
    assert (code, "stopped before the end" in text) == (0, True), text
    assert "Exit 3" in text


def test_files_of_the_user_change_nothing(tmp_path: Path) -> None:
    """`random.py`, `torch.py` and folders named as ours lie there unread."""
    for name in ("random.py", "torch.py", "conftest.py", "click.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')\n", encoding="utf-8")
    for name in ("reference", "conformance"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('shadowed')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    code, text = run(tmp_path, "check", "good", *SMALL)
    assert code == 0, text
