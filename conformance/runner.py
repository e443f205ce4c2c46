"""Plan → units → workers → journal → run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from conformance import environment
from conformance.introduction import meet
from conformance.journal import Journal, journal_of
from conformance.plan import make_plan, make_units
from conformance.run import FINISHED, build_run, save_run
from conformance.session import Session
from conformance.tools import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.plan import Plan, Subject
    from conformance.request import Progress, Request, Stop
    from conformance.tools import Tools


def check(
    request: Request,
    stop: Stop,
    observe: Callable[[Progress], None] = lambda _: None,
) -> dict[str, Any]:
    """Return the run that was asked for; it is on disk as well.

    Raises:
        StartError: If a backend cannot be loaded.
    """
    start = time.monotonic()
    subjects = meet(request, stop)
    tools = resolve(request.tools)
    plan = make_plan(request.scope, subjects, tools)
    units = make_units(request.scope, subjects, tools)
    path = journal_of(request.output)
    with Journal(path, _header(request, subjects, plan, tools)) as journal:
        session = Session(request, stop, observe, tuple(subjects), journal)
        session.work(units)
    run = build_run(journal.record, request.excuses, stop.reason or FINISHED)
    run["time"]["seconds"] = round(time.monotonic() - start, 3)
    save_run(run, request.output)
    path.unlink()
    return run


def _header(
    request: Request, subjects: Iterable[Subject], plan: Plan, tools: Tools
) -> dict[str, Any]:
    scope = request.scope
    return {
        "seed": scope.seed,
        "pool_version": tools.pool_version,
        "profile": dict(vars(scope.profile)),
        "losses": list(scope.losses),
        "dtypes": list(scope.dtypes),
        "today": request.excuses.today.isoformat(),
        "excuses": [entry.to_json() for entry in request.excuses.entries],
        "environment": environment.describe(),
        "backends": [subject.to_json() for subject in subjects],
        "plan": plan.to_json(),
        "requirements": [dict(r) for r in plan.requirements],
    }
