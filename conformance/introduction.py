"""Backends are loaded in a worker first: even a fatal one only stops the start."""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.environment import of_worker
from conformance.executor import TICK, Workers
from conformance.packing import dumps, unpack
from conformance.plan import Subject
from conformance.structure import StructureError, check, shipped
from conformance.tools import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.ended import Ended
    from conformance.request import Request, Stop


TRIES: Final = 3
"""Workers that a backend may end before the run, one after the other."""

_DEATHS: Final = (
    " each time it was loaded or asked tiny calls; an attribute `gradients` makes "
    "these needless, see `loss-conformance help functions`"
)


class StartError(Exception):
    """A run could not start; the message says what to do."""


def introduce(spec: str, tools: str) -> str:
    """Return a backend's name and capabilities as JSON, or why it was refused."""
    try:
        loaded = resolve(tools).load(spec)
        subject = Subject(spec, loaded.name, loaded.capabilities)
        machine = of_worker(loaded.capabilities.device, loaded)
        return dumps({"subject": subject.to_json(), "machine": machine})
    except Exception as error:  # noqa: BLE001 - importing a user's file may raise anything
        known = type(error).__name__ in {"LoadError", "BackendUnavailableError"}
        text = str(error) if known else f"{type(error).__name__}: {error}"
        return dumps({"refused": text})


def meet(request: Request, stop: Stop) -> list[Subject]:
    """Return the backends asked for, each loaded once, in a worker.

    Raises:
        StartError: If one cannot be loaded, or two have the same name.
    """
    found: dict[str, Subject] = {}
    deaths: Counter[str] = Counter()
    jobs = min(request.jobs, len(request.backends))
    waiting = deque(request.backends)
    with Workers(jobs, request.timeout) as workers:
        while (waiting or workers.busy) and not stop.reason:
            while waiting and workers.free:
                spec = waiting.popleft()
                workers.start(spec, introduce, spec, request.tools)
            for spec, ended in workers.wait(TICK):
                deaths[spec] += ended.how == "crashed"
                if ended.how == "crashed" and deaths[spec] < TRIES:
                    waiting.append(spec)
                else:
                    found[spec] = introduced(spec, ended)
    subjects = [found[spec] for spec in request.backends if spec in found]
    for name, count in Counter(s.name for s in subjects).items():
        if count > 1:
            msg = f"backends must have different names, got {name!r} {count} times"
            raise StartError(msg)
    return subjects


def introduced(spec: str, ended: Ended) -> Subject:
    """Return the backend that `introduce` told of.

    Raises:
        StartError: If it was refused, or its worker died.
    """
    text = ended.text + (_DEATHS if ended.how == "crashed" else "")
    answer: dict[str, Any] = {"refused": text}
    if ended.how == "done":
        answer = json.loads(ended.text)
    reason = answer.get("refused") or _unfit(answer["subject"])
    if reason:
        msg = f"backend {spec!r} cannot be used: {reason}"
        raise StartError(msg)
    subject = Subject.from_json(unpack(answer["subject"]))
    return replace(subject, machine=unpack(answer["machine"]))


def _unfit(subject: Mapping[str, Any]) -> str:
    """Return why a run file could not hold what a backend says of itself, or empty."""
    name = subject["name"]
    if not (name and name.isprintable()):
        return f"its name must be printable text, got {name!r}"
    schema = shipped("run")
    try:
        check(subject, schema["properties"]["backends"]["items"], schema)
    except StructureError as error:
        return f"its capabilities are not what they should be: {error}"
    return ""
