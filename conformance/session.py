"""Units → workers → journal, until all are done, given up or the user stops."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.case import Case
from conformance.crumb import found
from conformance.ended import explained
from conformance.executor import TICK, Workers
from conformance.packing import unpack
from conformance.recovery import cell_of, recover, without
from conformance.request import Progress
from conformance.tally import NOT_RUN, Key, Support, Tally
from conformance.tools import resolve
from conformance.unit import (
    CaseUnit,
    CorpusUnit,
    PoolUnit,
    SearchUnit,
    Settings,
    ShrinkUnit,
    Unit,
    perform,
    told,
)
from conformance.verdict import FAILURES, Status, Verdict
from conformance.workbench import blame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.ended import Ended
    from conformance.journal import Journal
    from conformance.plan import Subject
    from conformance.request import Request, Stop

PATIENCE: Final = 3
"""Crashes and hangs of a backend in one cell after which the cell is given up."""

MOST_SHRUNK: Final = 60
"""Findings whose witness is made smaller; more would take longer than the run."""

SHRINK_SECONDS: Final = 4.0
"""Seconds after which a witness is small enough; the profile has a total."""


@dataclass(frozen=True)
class _Job:
    unit: Unit
    crumb: Path
    suspect: str = ""
    key: Key = ()


@dataclass
class Session:
    """The work of one run, and what has become of it so far."""

    request: Request
    stop: Stop
    observe: Callable[[Progress], None]
    subjects: tuple[Subject, ...]
    journal: Journal
    queue: deque[_Job] = field(default_factory=deque)
    accidents: Counter[Key] = field(default_factory=Counter)
    given_up: set[Key] = field(default_factory=set)
    made: int = 0
    done: int = 0
    end: float = math.inf
    late: int = 0

    def work(self, units: Iterable[Unit]) -> None:
        """Do all `units`, then make the witnesses of new findings smaller."""
        cuda = any(s.capabilities.device == "cuda" for s in self.subjects)
        # One process at a time may hold the device's memory.
        jobs = 1 if cuda else self.request.jobs
        # What a CUDA driver maps into a process is not what its kernels use.
        most = 0 if cuda else self.request.memory
        with (
            tempfile.TemporaryDirectory(prefix="loss-conformance-") as folder,
            Workers(jobs, self.request.timeout, most) as workers,
        ):
            self.folder = Path(folder)
            self._drain(workers, units)
            self._drain_shrinking(workers)

    def _drain(self, workers: Workers, units: Iterable[Unit]) -> None:
        for unit in units:
            self._put(unit)
        settings = Settings(self.request.excuses, self.request.tools)
        while (self.queue or workers.busy) and not self.stop.reason:
            while self.queue and workers.free:
                job = self.queue.popleft()
                timely = self.in_time(job.unit, workers.lanes)
                if timely is None:
                    self.late += 1
                else:
                    workers.start(job, perform, timely, settings, job.crumb)
            for job, ended in workers.wait(TICK):
                self._finish(job, ended)

    def _drain_shrinking(self, workers: Workers) -> None:
        budget = self.request.scope.profile.shrink
        seconds = min(SHRINK_SECONDS, self.request.timeout / 2)
        specs = {s.name: s.spec for s in self.subjects}
        tally = self.journal.record.tally
        for key in shrinkable(tally):
            backend, _, _, quantity, kind, _, _ = key
            what = (tally.findings[key].case, specs[backend], quantity, kind)
            self._put(ShrinkUnit(*what, budget, seconds), key=key)
        total = self.request.scope.profile.shrinking
        self.end = time.monotonic() + total
        self._drain(workers, ())
        if self.late:
            text = (
                f"findings that keep the witness that was met first, since {total:g} s "
                f"went into making others smaller: {self.late}"
            )
            self._record(Tally(notes=Counter({text: 1})))

    def in_time(self, unit: Unit, lanes: int) -> Unit | None:
        """Return a unit with its share of the time that is left, if it has one."""
        if not isinstance(unit, ShrinkUnit):
            return unit
        left = self.end - time.monotonic()
        share = left * min(1.0, lanes / (len(self.queue) + 1))
        return replace(unit, seconds=min(unit.seconds, share)) if left > 0 else None

    def _put(
        self, unit: Unit, *, suspect: str = "", key: Key = (), first: bool = False
    ) -> None:
        left = self._allowed(unit)
        if left is None:
            return
        self.made += 1
        job = _Job(left, self.folder / str(self.made), suspect, key)
        (self.queue.appendleft if first else self.queue.append)(job)

    def _allowed(self, unit: Unit) -> Unit | None:
        left: Unit | None = unit
        for spec, *cell in self.given_up:
            if left is not None and cell_of(left) == tuple(cell):
                left = without(left, spec)
        return left

    def _finish(self, job: _Job, ended: Ended) -> None:
        self.done += 1
        if ended.how == "done":
            entry = unpack(json.loads(ended.text))
            self.journal.add(entry | ({"key": list(job.key)} if job.key else {}))
            if job.suspect:
                self._unrepeated(job)
        else:
            self._recover(job, ended)
        totals = self.journal.record.tally
        self.observe(
            Progress(
                self.done,
                self.done + len(self.queue),
                sum(c.cases for c in totals.cells.values()),
                sum(f.count for k, f in totals.findings.items() if k[5] in FAILURES),
            )
        )

    def _unrepeated(self, job: _Job) -> None:
        text = f"a worker {job.suspect} in {told(job.unit)}, which ran well alone"
        if job.suspect == "crashed":
            self._record(Tally(faults=Counter({text: 1})))
        else:
            self._record(Tally(notes=Counter({text: 1})))

    def _recover(self, job: _Job, ended: Ended) -> None:
        ended = explained(ended, job.crumb)
        recovery = recover(job.unit, ended, found(job.crumb))
        for unit in recovery.units:
            self._put(unit)
        if recovery.suspect is not None:
            self._put(recovery.suspect, suspect=ended.how, first=True)
        if recovery.fault:
            self._record(Tally(faults=Counter({recovery.fault: 1})))
        if recovery.note:
            self._record(Tally(notes=Counter({recovery.note: 1})))
        if recovery.guilty is not None:
            self._blame(recovery.guilty, ended)

    def _record(self, tally: Tally) -> None:
        self.journal.add({"tally": tally.to_json()})

    def _blame(self, unit: Unit, ended: Ended) -> None:
        spec, name, case = self._guilty(unit)
        backend = next(s.name for s in self.subjects if s.spec == spec)
        verdict = Verdict("call", Status.ERROR, kind=ended.how, detail=ended.text)
        tally = Tally()
        blame(tally, self.request.excuses, backend, name, case, verdict)
        self._record(tally)
        cell = (spec, case.loss, case.dtype)
        self.accidents[cell] += 1
        if self.accidents[cell] == PATIENCE:
            self._give_up(backend, *cell)

    def _guilty(self, unit: Unit) -> tuple[str, str, Case]:
        tools = resolve(self.request.tools)
        if isinstance(unit, CorpusUnit):
            item = tools.corpus(unit.loss, unit.dtype)[unit.start]
            return unit.backends[0], item.name, item.case
        if isinstance(unit, PoolUnit):
            case = tools.pool_case(unit.loss, unit.dtype, unit.start, unit.seed)
            return unit.backends[0], "", case
        if isinstance(unit, CaseUnit):
            return unit.backend, "", Case.from_json(unit.case)
        msg = f"only a single case can be guilty, got {told(unit)}"
        raise TypeError(msg)

    def _give_up(self, backend: str, spec: str, loss: str, dtype: str) -> None:
        self.given_up.add((spec, loss, dtype))
        jobs, self.queue = self.queue, deque()
        lost = sum(_cases(job.unit, spec, (loss, dtype)) for job in jobs)
        for job in jobs:
            self._put(job.unit, suspect=job.suspect, key=job.key)
        text = (
            f"{backend}: {loss} in {dtype} was given up after {PATIENCE} crashes or "
            f"hangs; {lost} cases were not run"
        )
        tally = Tally(faults=Counter({text: 1}))
        for requirement in self._owed(backend, loss, dtype):
            support = tally.support.setdefault((requirement, backend, dtype), Support())
            support.counts[NOT_RUN] += lost
        self._record(tally)

    def _owed(self, backend: str, loss: str, dtype: str) -> list[str]:
        """Return the requirements that a cell was to give evidence for."""
        header = self.journal.record.header
        mine = {r["id"] for r in header["requirements"] if r["loss"] == loss}
        planned = [r for r, *at in header["plan"]["planned"] if at == [backend, dtype]]
        return [r for r in planned if r in mine]


def shrinkable(tally: Tally) -> list[Key]:
    """Return the findings whose witness is made smaller, sorted."""
    failing = (key for key in sorted(tally.findings) if key[5] in FAILURES)
    return [k for k in failing if k[4] not in {"crashed", "hung"}][:MOST_SHRUNK]


def _cases(unit: Unit, spec: str, cell: tuple[str, str]) -> int:
    """Return how many cases of a cell `unit` was to run on the backend `spec`."""
    if cell_of(unit) != cell or without(unit, spec) == unit:
        return 0
    if isinstance(unit, CorpusUnit | PoolUnit):
        return unit.stop - unit.start
    return unit.budget if isinstance(unit, SearchUnit) else 0
