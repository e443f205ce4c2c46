"""Code that is run is limited, alone and without surroundings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from conformance.claims import sandbox
from conformance.claims.sandbox import Outcome, run

if TYPE_CHECKING:
    from pathlib import Path


def test_code_that_ends() -> None:
    """No error, whatever it prints."""
    assert run("print('Traceback: Error')") == Outcome()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise RuntimeError('no')", "RuntimeError"),
        ("1 / 0", "ZeroDivisionError"),
        ("x = (", "SyntaxError"),
        ("import json\njson.loads('x')", "JSONDecodeError"),
        ("assert False", "AssertionError"),
    ],
)
def test_code_that_raises(code: str, error: str) -> None:
    """The type of the exception is told."""
    assert run(code).error == error


@pytest.mark.parametrize(
    "code",
    ["import no_such_module", "import os\nos._exit(3)", "import os\nos.abort()"],
)
def test_what_says_nothing_is_unclear(code: str) -> None:
    """A missing module or a crash is neither works nor raises."""
    assert run(code).unclear


def test_it_has_no_environment_and_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours, and an empty folder to work in."""
    monkeypatch.setenv("CLAIMS_SECRET", "x")
    code = (
        "import os\nassert 'CLAIMS_SECRET' not in os.environ\nassert not os.listdir()"
    )
    assert run(code) == Outcome()


def test_it_ends_in_time(tmp_path: Path) -> None:
    """What it started ends with it."""
    path = tmp_path / "late"
    child = f"import time; time.sleep(3); open({str(path)!r}, 'w')"
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}])\ntime.sleep(60)"
    )
    begin = time.monotonic()
    outcome = run(code, seconds=1)
    assert outcome.unclear
    assert "more than 1 s" in outcome.text
    time.sleep(max(0.0, 4 - (time.monotonic() - begin)))
    assert not path.exists()


def test_files_are_small() -> None:
    """More than a megabyte in one file is refused by the system."""
    assert run("open('x', 'wb').write(bytes(2 ** 21))") != Outcome()


@pytest.mark.skipif(sandbox.has_network(), reason="no unshare on this machine")
def test_there_is_no_network() -> None:
    """Not even this machine can be reached."""
    code = "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)"
    outcome = run(code)
    assert outcome.error == "OSError"
    assert "unreachable" in outcome.text


def test_folders_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run("open('x', 'w').write('y')")
    assert not list(tmp_path.iterdir())
