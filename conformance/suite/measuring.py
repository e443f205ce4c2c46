"""Measure a backend once for all tests, whatever process of pytest they run in."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.run import load_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.suite import Demand

_CANNOT_START: Final = 2


@dataclass(frozen=True)
class Measurement:
    """A finished run.

    Attributes:
        run: The run file's content.
        path: Where it is.
    """

    run: Mapping[str, Any]
    path: Path


@cache
def measured(demand: Demand, folder: Path, invoked: Path) -> Measurement:
    """Return the run that `demand` asks for; it fails the test if there is none.

    Args:
        demand: What to measure.
        folder: Common to all processes of this pytest session.
        invoked: The folder that pytest was started in: relative names start there.
    """
    digest = hashlib.sha256(repr(astuple(demand)).encode()).hexdigest()[:12]
    path = folder / f"loss-conformance-{digest}.json"
    said = path.with_suffix(".txt")
    with _alone(path.with_suffix(".lock")):
        # What is written last is there only if the rest is: a killed worker's
        # unfinished run is measured again by another.
        if not said.is_file():
            done = _check(demand, path, invoked)
            scratch = said.with_suffix(".tmp")
            text = done.stderr if done.returncode == _CANNOT_START else ""
            scratch.write_text(text, encoding="utf-8")
            scratch.replace(said)
    if not path.is_file():
        refusal = said.read_text(encoding="utf-8").strip()
        reason = f"loss-conformance check {demand.backend} could not start"
        pytest.fail(f"{reason}: {refusal}" if refusal else reason, pytrace=False)
    return Measurement(load_run(path), path)


def _check(
    demand: Demand, path: Path, invoked: Path
) -> subprocess.CompletedProcess[str]:
    # What can be imported here can be imported there, and from the same places.
    importable = os.pathsep.join(entry for entry in sys.path if entry)
    options = ["--profile", demand.profile, "--seed", f"{demand.seed}"]
    options += [w for loss in demand.losses for w in ("--loss", loss)]
    options += [w for dtype in demand.dtypes for w in ("--dtype", dtype)]
    program = [sys.executable, "-P", "-m", "conformance", "check", *options]
    return subprocess.run(  # noqa: S603 - this very program
        [*program, "--output", str(path), "--", demand.backend],
        cwd=invoked,
        env={**os.environ, "PYTHONPATH": importable},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time into the block; the lock ends with its holder."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            # Gives up after ten seconds, and is asked again.
            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:
                    continue
            try:
                yield
            finally:
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            yield
