"""Stored witnesses, run once more: each in a worker that it may kill."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance.case import Case
from conformance.ended import explained
from conformance.executor import Workers
from conformance.findings import Excuses
from conformance.introduction import TRIES, introduce, introduced
from conformance.packing import loads
from conformance.tools import PRODUCTION
from conformance.unit import CaseUnit, Settings, perform
from conformance.verdict import FAILURES, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from conformance.ended import Ended

FIXED: Final = "fixed"
FAILING: Final = "failing"
ERROR: Final = "error"
FAULT: Final = "fault"
NOT_RUN: Final = "not run"


@dataclass(frozen=True)
class Witness:
    """What to run.

    Attributes:
        id: What its line of the answer begins with.
        case: The case, as `Case.to_json` gives it.
        backend: How the backend is spelt.
    """

    id: str
    case: Mapping[str, Any]
    backend: str


@dataclass(frozen=True)
class Replayed:
    """What became of a witness.

    Attributes:
        witness: The witness.
        state: `fixed`: every verdict passes; `failing`; `error`: the worker crashed or
            hung; `not run`: the backend does not take the case; `fault`: ours.
        verdicts: Those that fail, or, if none does, those with a figure.
        text: What happened, where there is no verdict.
    """

    witness: Witness
    state: str
    verdicts: tuple[Verdict, ...] = ()
    text: str = ""


def replay(witnesses: Iterable[Witness], timeout: float) -> Iterator[Replayed]:
    """Yield what becomes of each witness, one after the other.

    Raises:
        StartError: If a backend cannot be loaded.
    """
    settings, met = Settings(Excuses(), PRODUCTION), set()
    with tempfile.TemporaryDirectory() as folder, Workers(1, timeout) as workers:
        for number, witness in enumerate(witnesses):
            spec = witness.backend
            if spec not in met:
                introduced(spec, _introduction(workers, spec))
                met.add(spec)
            unit = CaseUnit(witness.case, spec)
            crumb = Path(folder) / str(number)
            ended = _one(workers, perform, unit, settings, crumb)
            yield _told(witness, explained(ended, crumb))


def _introduction(workers: Workers, spec: str) -> Ended:
    for _ in range(TRIES):
        ended = _one(workers, introduce, spec, PRODUCTION)
        if ended.how != "crashed":
            break
    return ended


def _one(workers: Workers, function: Callable[..., str], *args: Any) -> Ended:
    workers.start("replay", function, *args)
    while not (ended := workers.wait(1.0)):
        pass
    return ended[0][1]


def _told(witness: Witness, ended: Ended) -> Replayed:
    if ended.how != "done":
        return Replayed(witness, ERROR, text=f"{ended.how}: {ended.text}")
    answer = loads(ended.text)
    faults = "; ".join(answer["tally"]["faults"])
    if faults:
        return Replayed(witness, FAULT, text=faults)
    verdicts = tuple(Verdict.from_json(v) for v in answer["verdicts"])
    if not verdicts:
        return Replayed(witness, NOT_RUN, text="the backend does not take this case")
    failing = tuple(v for v in verdicts if v.status in FAILURES)
    if failing:
        return Replayed(witness, FAILING, failing)
    # Of a witness that conforms now, show the numbers that it is about.
    return Replayed(
        witness, FIXED, tuple(v for v in verdicts if v.measured) or verdicts
    )


def of_run(run: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Witness]]:
    """Yield the names of each stored witness, and the witness.

    That of a finding has the finding's id and that of its smallest case; the case that
    was met first has its own id alone.
    """
    specs = {b["name"]: b["spec"] for b in run["backends"]}
    for finding in run["findings"]:
        small = (finding["shrunk"] or finding)["case"]
        spec = specs[finding["backend"]]
        large = Case.from_json(finding["case"]).id
        yield (
            (finding["id"], Case.from_json(small).id),
            Witness(finding["id"], small, spec),
        )
        yield (large,), Witness(large, finding["case"], spec)


def of_known(backend: str) -> Iterator[Witness]:
    """Yield the pinned witnesses of the known findings shipped for a backend."""
    from fnmatch import fnmatchcase

    from conformance.builders.corpus import corpus
    from conformance.findings import shipped

    for entry in shipped([backend]):
        if not fnmatchcase(backend, entry.backend):
            continue
        for dtype in entry.dtypes:
            for item in corpus(entry.loss, dtype):
                if item.name == entry.witness:
                    name = f"{entry.id}-{dtype}"
                    yield Witness(name, item.case.to_json(), backend)
