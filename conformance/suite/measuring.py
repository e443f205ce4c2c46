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

from conformance.configuration import ConfigurationError, find, load
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


def measured(demand: Demand, folder: Path, invoked: Path, asker: str) -> Measurement:
    """Return the run that `demand` asks for.

    If there is none, the test that asks first fails with the reason; the others that
    ask for the same are skipped, since the reason is no other.

    Args:
        demand: What to measure.
        folder: Common to all processes of this pytest session.
        invoked: The folder that pytest was started in: relative names start there.
        asker: The test that asks.
    """
    found = attempted(demand, folder, invoked)
    if isinstance(found, Measurement):
        return found
    first = _first(_path(demand, folder).with_suffix(".first"), asker)
    if first != asker:
        pytest.skip(f"not measured, see the failure of {first}")
    reason = f"loss-conformance check {demand.backend} could not start"
    return pytest.fail(f"{reason}: {found}" if found else reason, pytrace=False)


def _path(demand: Demand, folder: Path) -> Path:
    digest = hashlib.sha256(repr(astuple(demand)).encode()).hexdigest()[:12]
    return folder / f"loss-conformance-{digest}.json"


def _first(path: Path, asker: str) -> str:
    """Return the test that asked first, which a file remembers for all processes."""
    with _alone(path.with_suffix(".lock")):
        if not path.is_file():
            path.write_text(asker, encoding="utf-8")
        return path.read_text(encoding="utf-8")


@cache
def attempted(demand: Demand, folder: Path, invoked: Path) -> Measurement | str:
    """Return a run, or why there is none."""
    path = _path(demand, folder)
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
    if path.is_file():
        return Measurement(load_run(path), path)
    return said.read_text(encoding="utf-8").strip()


def _check(
    demand: Demand, path: Path, invoked: Path
) -> subprocess.CompletedProcess[str]:
    # What can be imported here can be imported there, and from the same places.
    importable = os.pathsep.join(entry for entry in sys.path if entry)
    options = ["--profile", demand.profile, "--seed", f"{demand.seed}"]
    options += [w for loss in demand.losses for w in ("--loss", loss)]
    options += [w for dtype in demand.dtypes for w in ("--dtype", dtype)]
    options += configured(invoked)
    program = [sys.executable, "-P", "-m", "conformance", "check", *options]
    return subprocess.run(  # noqa: S603 - this very program
        [*program, "--output", str(path), "--", demand.backend],
        cwd=invoked,
        env={**os.environ, "PYTHONPATH": importable},
        capture_output=True,
        text=True,
        check=False,
    )


_ABOUT_THE_MACHINE: Final = ("jobs", "memory", "timeout", "known")
"""What a configuration says to the tests too; the rest is theirs to say."""


def configured(invoked: Path) -> list[str]:
    """Return the options that a configuration gives, beside that it is not read."""
    try:
        path = find(invoked)
        values = {} if path is None else load(path, invoked).values
    except ConfigurationError:
        # `check` will say what is wrong with it.
        return []
    options = ["--no-config", *(["--no-known"] if values.get("no-known") else [])]
    for key in _ABOUT_THE_MACHINE:
        if key in values:
            given = values[key]
            each = given if isinstance(given, list) else [given]
            options += [word for one in each for word in (f"--{key}", str(one))]
    return options


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
