"""Trials → workers → records; a mutant that crashes or hangs costs its own cell."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance.crumb import found
from conformance.executor import TICK, Workers
from conformance.packing import loads
from conformance.self_test.trial import Trial, perform
from conformance.tools import PRODUCTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.ended import Ended
    from conformance.profiles import Profile

CRASHED: Final = "errors"
"""The check that a crash or a hang is put down to."""


@dataclass(frozen=True)
class Assignment:
    """What a self-test is asked to do.

    Attributes:
        cells: (loss, dtype) → the wrong backends that are tried there.
        profile: How many cases.
        seed: Of pool and search.
        jobs: Worker processes.
        timeout: Seconds after which a cell counts as hung.
        tools: Where workers find the parts.
    """

    cells: Mapping[tuple[str, str], tuple[str, ...]]
    profile: Profile
    seed: int = 0
    jobs: int = 1
    timeout: float = 600.0
    tools: str = PRODUCTION


@dataclass
class Session:
    """The work of one self-test, and what has become of it.

    Attributes:
        assignment: What was asked for.
        observe: Told how many trials are done, and of how many.
        records: One for each backend and cell.
        faults: What went wrong on our side.
    """

    assignment: Assignment
    observe: Callable[[int, int], None] = lambda _done, _total: None
    records: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    done: int = 0

    def run(self) -> float:
        """Do everything; return the seconds it took."""
        began = time.monotonic()
        with (
            tempfile.TemporaryDirectory(prefix="loss-conformance-") as folder,
            Workers(self.assignment.jobs, self.assignment.timeout) as workers,
        ):
            self._folder = Path(folder)
            self._drain(workers, self._sweeps())
            self._drain(workers, self._searches())
        return time.monotonic() - began

    def _sweeps(self) -> Iterable[Trial]:
        a = self.assignment
        for (loss, dtype), specs in a.cells.items():
            pool, level = a.profile.pool, a.profile.level
            yield Trial(loss, dtype, specs, pool, 0, a.seed, a.tools, level)

    def _searches(self) -> Iterable[Trial]:
        """Yield a search for every mutant that no case has caught anywhere."""
        a = self.assignment
        caught = {r["spec"] for r in self.records if r["caught"]}
        for (loss, dtype), specs in a.cells.items():
            left = tuple(s for s in specs if s not in caught)
            if left and a.profile.search:
                yield Trial(loss, dtype, left, 0, a.profile.search, a.seed, a.tools)

    def _drain(self, workers: Workers, trials: Iterable[Trial]) -> None:
        # The largest first: the last worker should not be left alone for long.
        queue = deque(sorted(trials, key=lambda t: -len(t.specs)))
        while queue or workers.busy:
            while queue and workers.free:
                trial = queue.popleft()
                crumb = self._folder / str(self.done + len(queue))
                workers.start((trial, crumb), perform, trial, crumb)
            for (trial, crumb), ended in workers.wait(TICK):
                queue.extend(self._finish(trial, crumb, ended))
                self.observe(self.done, self.done + len(queue) + workers.busy)

    def _finish(self, trial: Trial, crumb: Path, ended: Ended) -> Iterable[Trial]:
        """Keep what a trial found; yield what has to be done instead of a lost one."""
        self.done += 1
        where = {"loss": trial.loss, "dtype": trial.dtype}
        if ended.how == "done":
            found_here = loads(ended.text)
            self.records += [s | where for s in found_here["suspects"]]
            if "fault" in found_here:
                self.faults.append(
                    f"{trial.loss} in {trial.dtype}: {found_here['fault']}"
                )
            return
        trail = found(crumb)
        guilty = None if trail is None else trail["backend"]
        if guilty not in trial.specs:
            self.faults.append(f"{trial.loss} in {trial.dtype}: {ended.text}")
            return
        self.records.append(_felled(guilty, trail or {}, ended) | where)
        rest = tuple(s for s in trial.specs if s != guilty)
        if rest:
            yield replace(trial, specs=rest)


def _felled(spec: str, trail: Mapping[str, Any], ended: Ended) -> dict[str, Any]:
    """Return the record of a mutant whose worker died or hung."""
    first = {
        "case": trail.get("case", ""),
        "origin": trail.get("origin", ""),
        "check": CRASHED,
        "requirement": "",
        "quantity": "call",
        "status": ended.how,
        "cases": 1,
        "seconds": 0.0,
    }
    return {
        "spec": spec,
        "cases": 1,
        "seconds": 0.0,
        "kills": {CRASHED: 1},
        "caught": 1,
        "first": first,
        "requirements": [],
        "faults": [],
    }
