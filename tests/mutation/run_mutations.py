"""Mutation of the oracle: does a test of `reference` notice every wrong edit?

Each edit of `edits.toml` is made alone, in a temporary copy, and the tests of
`reference` are run on it until one fails. First they are run on the oracle as it is.

The exit status is 0 if every edit was killed, 1 if one survived (a test is missing),
and 2 if there is no verdict: an edit that does not fit the source, tests that fail
without an edit, an edit that keeps the tests from starting.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from edit_list import Edit, EditError
from trial import (
    HERE,
    SOURCES,
    TESTS,
    Fate,
    Outcome,
    modules,
    snapshot,
    try_out,
    variant,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = HERE.parents[1]
EDITS: Final = HERE / "edits.toml"
KILLED, SURVIVED, NO_VERDICT = 0, 1, 2
PATIENCE: Final = 4
"""A trial may take as many times the time of all tests, and a minute."""


class NoVerdictError(Exception):
    """The tests say nothing about edits: they do not pass without one."""


@dataclass(frozen=True)
class Campaign:
    """What all trials have in common.

    Attributes:
        original: The snapshot.
        modules: The test modules.
        durations: Each test that passed without an edit, and its seconds.
        seconds: How long all of them took, one process a module.
    """

    original: Path
    modules: Sequence[str]
    durations: Mapping[str, float]
    seconds: float

    def stages(self, edit: Edit) -> list[list[str]]:
        """Return the test modules of the edited module, then all others.

        Those of `reference/x/y.py` are `tests/reference/x/test_y*.py` and, where that
        name is taken, `test_x_y*.py`.
        """
        path = PurePosixPath(edit.file).relative_to(SOURCES)
        names = f"test_{path.stem}", f"test_{path.parent.name}_{path.stem}"
        mirrors = tuple(str(TESTS / path.with_name(name)) for name in names)
        own = [m for m in self.modules if m.startswith(mirrors)]
        others = [m for m in self.modules if m not in own]
        return [stage for stage in (own, others) if stage]

    def trial(self, edit: Edit) -> Outcome:
        """Return what becomes of an edit; the quickest tests run first."""
        order = sorted(self.durations, key=self.durations.__getitem__)
        limit = PATIENCE * self.seconds + 60
        seconds = 0.0
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            workspace = Path(folder).resolve()
            variant(self.original, workspace, edit)
            for stage in self.stages(edit):
                outcome = try_out(workspace, stage, order=order, limit=limit)
                seconds += outcome.seconds
                if outcome.fate not in (Fate.PASSED, Fate.EMPTY):
                    break
        return replace(outcome, seconds=seconds)


def baseline(original: Path, workers: int) -> Campaign:
    """Return a campaign, after all tests passed without an edit.

    Each module runs in a process of its own: that none needs another is seen here.

    Raises:
        NoVerdictError: If a test fails, or there is none.
    """
    names = modules(original)
    with ThreadPoolExecutor(workers) as pool:
        outcomes = list(pool.map(lambda m: try_out(original, [m]), names))
    bad = [
        f"{name}: {outcome.fate.value}: {outcome.by}"
        for name, outcome in zip(names, outcomes, strict=True)
        if outcome.fate not in (Fate.PASSED, Fate.EMPTY)
    ]
    if bad:
        msg = "the tests must pass without an edit, got\n" + "\n".join(bad)
        raise NoVerdictError(msg)
    durations = {test: s for o in outcomes for test, s in o.durations.items()}
    if not durations:
        msg = f"{TESTS} must hold tests that pass, got none in {len(names)} modules"
        raise NoVerdictError(msg)
    return Campaign(original, names, durations, sum(o.seconds for o in outcomes))


def row(edit: Edit, outcome: Outcome) -> str:
    """Return one line of the table."""
    by = outcome.by.removeprefix(f"{TESTS}/").splitlines() or [""]
    fate = outcome.fate.value if outcome.fate is not Fate.FAILED else ""
    shown = " ".join(filter(None, (fate, by[0])))
    place = edit.file.removeprefix(f"{SOURCES}/")
    return (
        f"{edit.id:<40} {place:<24} {outcome.seconds:>6.1f}  {shown}\n"
        f"{'':<40} {edit.reason}\n"
    )


def run(root: Path, edits: Sequence[Edit], workers: int) -> int:
    """Try every edit on the oracle under `root`, write the table, return the status."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        original = Path(folder).resolve()
        snapshot(root, original)
        for edit in edits:
            edit.made_in(original)
        campaign = baseline(original, workers)
        took = time.monotonic() - start
        sys.stdout.write(
            f"{len(campaign.durations)} tests pass without an edit ({took:.0f} s)\n"
        )
        outcomes = []
        with ThreadPoolExecutor(workers) as pool:
            for edit, outcome in zip(
                edits, pool.map(campaign.trial, edits), strict=True
            ):
                sys.stdout.write(row(edit, outcome))
                sys.stdout.flush()
                outcomes.append(outcome)
    return _summary(edits, outcomes, time.monotonic() - start)


def _summary(edits: Sequence[Edit], outcomes: Sequence[Outcome], seconds: float) -> int:
    pairs = list(zip(edits, outcomes, strict=True))
    killed = sum(o.killed for o in outcomes)
    late = sum(o.fate is Fate.TIMED_OUT for o in outcomes)
    sys.stdout.write(
        f"\n{killed} of {len(edits)} edits killed ({late} by time-out) "
        f"in {seconds:.0f} s\n"
    )
    for edit, outcome in pairs:
        if not outcome.killed:
            sys.stdout.write(f"{outcome.fate.value}: {edit.id}: {edit.reason}\n")
            sys.stdout.write(f"{outcome.by}\n" if outcome.by else "")
    if any(not o.killed and o.fate is not Fate.PASSED for o in outcomes):
        return NO_VERDICT
    return KILLED if killed == len(edits) else SURVIVED


def chosen(edits: Sequence[Edit], only: Sequence[str]) -> list[Edit]:
    """Return the edits with these ids; all of them for no id.

    Raises:
        EditError: If there is no edit of an id.
    """
    if unknown := sorted(set(only) - {edit.id for edit in edits}):
        msg = f"--only must name an edit, got {unknown}; --list shows them"
        raise EditError(msg)
    return [edit for edit in edits if not only or edit.id in only]


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, do what it says, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", action="store_true", help="show the edits and stop")
    parser.add_argument("--only", action="append", default=[], metavar="ID")
    parser.add_argument("--workers", type=int, default=2, help="trials at a time (2)")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository")
    parser.add_argument("--edits", type=Path, default=EDITS, help="the list")
    given = parser.parse_args(arguments)
    try:
        edits = chosen(Edit.read(given.edits), given.only)
        if given.list:
            lines = (f"{e.id:<40} {e.file}\n{'':<40} {e.reason}\n" for e in edits)
            sys.stdout.writelines(lines)
            return KILLED
        return run(given.root, edits, given.workers)
    except (EditError, NoVerdictError) as error:
        sys.stderr.write(f"run_mutations: {error}\n")
        return NO_VERDICT


if __name__ == "__main__":
    sys.exit(main())
