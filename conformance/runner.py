"""Plan → units → workers → journal → run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from conformance import environment
from conformance.files import FileError
from conformance.introduction import StartError, meet
from conformance.journal import Journal, journal_of
from conformance.plan import make_corpus, make_plan, make_units
from conformance.provenance import oracle
from conformance.run import FINISHED, build_run, save_run
from conformance.session import Session
from conformance.tools import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from conformance.plan import Plan, Subject
    from conformance.request import Progress, Request, Stop
    from conformance.tools import Tools
    from conformance.unit import Unit


def check(
    request: Request,
    stop: Stop,
    observe: Callable[[Progress], None] = lambda _: None,
) -> dict[str, Any]:
    """Return the run that was asked for; it is on disk as well.

    Raises:
        StartError: If a backend cannot be loaded, or there are too many shards.
        FileError: If the run file cannot be written.
    """
    start = time.monotonic()
    subjects = meet(request, stop)
    tools = resolve(request.tools)
    plan = make_plan(request.scope, subjects, tools)
    units = _units(request, subjects, tools)
    path = journal_of(request.output)
    with _begun(path, _header(request, subjects, plan, tools)) as journal:
        session = Session(request, stop, observe, tuple(subjects), journal)
        session.work(units)
    run = build_run(journal.record, request.excuses, stop.reason or FINISHED)
    run["time"]["seconds"] = round(time.monotonic() - start, 3)
    _save(run, request.output, path)
    return run


def _begun(path: Path, header: Mapping[str, Any]) -> Journal:
    try:
        return Journal(path, header)
    except FileError as error:
        raise StartError(str(error)) from error


def _save(run: Mapping[str, Any], output: Path, journal: Path) -> None:
    try:
        save_run(run, output)
    except FileError as error:
        msg = f"{error}; all is in the journal: `loss-conformance report {journal}`"
        raise FileError(msg) from error
    journal.unlink()


def _units(
    request: Request, subjects: Sequence[Subject], tools: Tools
) -> tuple[Unit, ...]:
    units, shard = make_units(request.scope, subjects, tools), request.shard
    if shard is None:
        return units
    if shard.count > len(units):
        msg = (
            f"a run can have at most as many shards as units of work, {len(units)} "
            f"here, got --shard {shard}"
        )
        raise StartError(msg)
    return shard.of(units)


def _header(
    request: Request, subjects: Sequence[Subject], plan: Plan, tools: Tools
) -> dict[str, Any]:
    scope = request.scope
    workers = {subject.name: dict(subject.machine) for subject in subjects}
    return {
        "shard": None if request.shard is None else request.shard.to_json(),
        "seed": scope.seed,
        "pool_version": tools.pool_version,
        "corpus": make_corpus(scope, tools),
        "oracle": oracle(),
        "profile": dict(vars(scope.profile)),
        "losses": list(scope.losses),
        "dtypes": list(scope.dtypes),
        "today": request.excuses.today.isoformat(),
        "excuses": [entry.to_json() for entry in request.excuses.entries],
        "environment": {**environment.describe(), "workers": workers},
        "other_environments": [],
        "backends": [subject.to_json() for subject in subjects],
        "plan": plan.to_json(),
        "requirements": [dict(r) for r in plan.requirements],
    }
