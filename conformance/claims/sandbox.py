"""Running the code of a claim: a subprocess that contains accidents, not attackers.

What it has: `python -I`, an empty environment, an empty temporary folder to work in, no
input, limits on time, memory, the size of files and open files, and on Linux, where
`unshare` may make one, a network namespace without a network. What it has not: a file
system of its own. The code can read and delete what its user can. Run claims that you
do not trust in a container.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

SECONDS: Final = 60
_GIGABYTE: Final = 2**30
_ERROR: Final = re.compile(r"^(?:\w+\.)*(\w+)(?::.*)?$")
_SHOWN: Final = 200

# Set by the process itself, before it reads the code: no fork of ours runs Python.
_START: Final = f"""\
import sys
try:
    import resource as r
    for name, most in (("CPU", {SECONDS}), ("AS", {4 * _GIGABYTE}), ("FSIZE", 2**20),
                       ("NOFILE", 256), ("CORE", 0)):
        limit = getattr(r, "RLIMIT_" + name)
        soft, hard = r.getrlimit(limit)
        if hard == r.RLIM_INFINITY or hard > most:
            r.setrlimit(limit, (most, most))
except ImportError:
    pass
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
sys.argv = [""]
exec(compile(text, "<code>", "exec"), {{"__name__": "__main__"}})
"""


@dataclass(frozen=True)
class Outcome:
    """What running code led to.

    Attributes:
        error: The type of the exception that ended it; empty if it ran to its end.
        text: What to say about it.
        unclear: It neither ended by itself nor raised: nothing can be said.
    """

    error: str = ""
    text: str = ""
    unclear: bool = False


def run(code: str, seconds: float = SECONDS) -> Outcome:
    """Return what becomes of code when it is run; see the module.

    Args:
        code: Python code.
        seconds: Wall-clock time it may take.
    """
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        work, errors = Path(folder) / "work", Path(folder) / "errors"
        work.mkdir()
        script = Path(folder) / "code.py"
        script.write_text(code, encoding="utf-8")
        with errors.open("wb") as file:
            command = [*_prefix(), sys.executable, "-I", "-c", _START, str(script)]
            process = subprocess.Popen(  # noqa: S603 - asked for by --allow-exec
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
                cwd=work,
                env={},
                start_new_session=True,
            )
            try:
                code_ = process.wait(seconds)
            except subprocess.TimeoutExpired:
                return Outcome(text=f"took more than {seconds:g} s", unclear=True)
            finally:
                _end(process)
        return _outcome(code_, errors)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the code and what it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _outcome(status: int, errors: Path) -> Outcome:
    if status == 0:
        return Outcome()
    with errors.open("rb") as file:
        text = file.read(2**20).decode("utf-8", "replace")
    last = next((ln for ln in reversed(text.splitlines()) if ln[:1].isalpha()), "")
    match = _ERROR.match(last)
    raised = "Traceback" in text or "Error" in last
    if status != 1 or match is None or not raised:
        return Outcome(text=f"ended with status {status}", unclear=True)
    if match[1] in {"ModuleNotFoundError", "ImportError", "MemoryError"}:
        return Outcome(text=f"cannot run here: {last[:_SHOWN]}", unclear=True)
    return Outcome(error=match[1], text=last[:_SHOWN])


@cache
def _prefix() -> tuple[str, ...]:
    """Return what takes the network away, where that is possible."""
    unshare = shutil.which("unshare")
    if unshare is None or not sys.platform.startswith("linux"):
        return ()
    prefix = (unshare, "-rn", "--")
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            [*prefix, sys.executable, "-I", "-c", ""],
            capture_output=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if done.returncode == 0 else ()


def has_network() -> bool:
    """Say whether code that is run could reach the network."""
    return not _prefix()
