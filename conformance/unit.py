"""Units of work: what a worker process does in one go."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from conformance.case import Case
from conformance.crumb import Crumb
from conformance.experiment import ALL
from conformance.packing import dumps
from conformance.stopwatch import timed
from conformance.tally import Tally
from conformance.tools import backend, resolve
from conformance.trace import tail
from conformance.verdict import FAILURES
from conformance.workbench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.findings import Excuses


@dataclass(frozen=True)
class CorpusUnit:
    """The corpus cases `start` to `stop` of one loss and format, on some backends."""

    loss: str
    dtype: str
    start: int
    stop: int
    backends: tuple[str, ...]


@dataclass(frozen=True)
class PoolUnit:
    """The pool cases `start` to `stop` of one loss and format, on some backends."""

    loss: str
    dtype: str
    start: int
    stop: int
    backends: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class SearchUnit:
    """A directed search on one backend; `resumed` counts crashes it survived."""

    loss: str
    dtype: str
    budget: int
    backend: str
    seed: int
    resumed: int = 0


@dataclass(frozen=True)
class CaseUnit:
    """One case, as `Case.to_json` gives it, on one backend."""

    case: Mapping[str, Any]
    backend: str


@dataclass(frozen=True)
class ShrinkUnit:
    """The search for a smaller case that fails in the same way."""

    case: Mapping[str, Any]
    backend: str
    quantity: str
    kind: str
    budget: int
    seconds: float


RangeUnit: TypeAlias = CorpusUnit | PoolUnit
Unit: TypeAlias = RangeUnit | SearchUnit | CaseUnit | ShrinkUnit


@dataclass(frozen=True)
class Settings:
    """What every unit of a run shares.

    Attributes:
        excuses: The known findings.
        tools: `module:function` that gives the parts, see `conformance.tools`.
    """

    excuses: Excuses
    tools: str


def perform(unit: Unit, settings: Settings, crumb: Path) -> str:
    """Return what `unit` found, as JSON: `tally`, and `shrunk` if it was asked for.

    Nothing but text leaves a worker, so that a record which cannot be sent is noticed
    here, where it can still be reported.
    """
    tally = Tally()
    found: dict[str, Any] = {}
    try:
        with Crumb(crumb) as trail:
            bench = Bench(resolve(settings.tools), settings.excuses, trail, tally)
            with timed(tally.spent, _STAGE.get(type(unit), PREPARING)):
                found = _WORK[type(unit)](unit, settings, bench)
        return dumps({"tally": tally.to_json(), **found})
    except Exception as error:  # noqa: BLE001 - whatever fails here is the tool's fault
        return dumps({"tally": Tally(faults=fault(unit, error)).to_json()})


def fault(unit: Unit, error: BaseException) -> Any:
    """Return the record of an exception that lost a whole unit."""
    from collections import Counter

    return Counter({f"{told(unit)} was lost: {tail(error)}": 1})


def label(unit: Unit) -> str:
    """Return what tells `unit` from all others of a run, its case apart."""
    fields = dataclasses.asdict(unit)
    fields.pop("case", None)
    words = ", ".join(f"{k}={v}" for k, v in fields.items())
    return f"{type(unit).__name__}({words})"


def told(unit: Unit) -> str:
    """Return what a reader is told that `unit` does."""
    if isinstance(unit, CaseUnit | ShrinkUnit):
        cell = f"{unit.case.get('loss')} in {unit.case.get('dtype')}, {unit.backend}"
        if isinstance(unit, CaseUnit):
            return f"a single case, {cell}"
        return f"the search for a smaller witness of {unit.quantity} in {cell}"
    cell = f"{unit.loss} in {unit.dtype}"
    if isinstance(unit, SearchUnit):
        return f"the search, {cell}, {unit.backend}"
    kind = "pool" if isinstance(unit, PoolUnit) else "named"
    last = f" to {unit.stop - 1}" if unit.stop - unit.start > 1 else ""
    cases = f"{kind} case{'s' if last else ''} {unit.start}{last}"
    return f"{cases} of {cell}, {', '.join(unit.backends)}"


def _range(unit: RangeUnit, settings: Settings, bench: Bench) -> dict[str, Any]:
    backends = [(spec, backend(settings.tools, spec)) for spec in unit.backends]
    for index, draw in _draws(unit, bench):
        named = bench.attempt(draw, f"case {index} of {unit.loss} in {unit.dtype}")
        if named is None:
            continue
        name, reason, case = named
        for spec, implementation in backends:
            crumb = {"index": index, "backend": spec}
            bench.measure(case, implementation, crumb, name=name, reason=reason)
    return {}


def _draws(unit: RangeUnit, bench: Bench) -> Iterator[tuple[int, Any]]:
    tools = bench.tools
    if isinstance(unit, CorpusUnit):
        items = tools.corpus(unit.loss, unit.dtype)
        for index in range(unit.start, min(unit.stop, len(items))):
            item = items[index]
            yield index, lambda item=item: (item.name, item.reason, item.case)
        return
    for index in range(unit.start, unit.stop):
        yield (
            index,
            lambda index=index: (
                "",
                "",
                tools.pool_case(unit.loss, unit.dtype, index, unit.seed),
            ),
        )


def _search(unit: SearchUnit, settings: Settings, bench: Bench) -> dict[str, Any]:
    implementation = backend(settings.tools, unit.backend)
    done = 0

    def score(case: Case) -> float:
        nonlocal done
        done += 1
        crumb = {"case": case.to_json(), "backend": unit.backend, "done": done}
        verdicts = bench.measure(case, implementation, crumb)
        # A known fault is far outside its bound, and would draw the search to itself.
        counted = (
            v.ratio
            for v in verdicts
            if v.measured
            and (v.status not in FAILURES or bench.new(case, implementation, v))
        )
        return max(counted, default=0.0)

    bench.tools.search(
        unit.loss, unit.dtype, budget=unit.budget, seed=unit.seed, score=score
    )
    return {}


def _case(unit: CaseUnit, settings: Settings, bench: Bench) -> dict[str, Any]:
    implementation = backend(settings.tools, unit.backend)
    case = Case.from_json(unit.case)
    crumb = {"backend": unit.backend}
    verdicts = bench.measure(case, implementation, crumb, asked=ALL)
    return {"verdicts": [v.to_json() for v in verdicts]}


def _shrink(unit: ShrinkUnit, settings: Settings, bench: Bench) -> dict[str, Any]:
    # A scratch tally: cases met on the way to a witness are no evidence.
    scratch = dataclasses.replace(bench, tally=Tally())
    implementation = backend(settings.tools, unit.backend)

    def failure(case: Case) -> Any:
        crumb = {"backend": unit.backend}
        for v in scratch.measure(case, implementation, crumb, asked=unit.quantity):
            same = (v.quantity, v.kind) == (unit.quantity, unit.kind)
            if same and scratch.new(case, implementation, v):
                return v
        return None

    # A large case may take seconds: what was reached by then is small enough.
    end = time.monotonic() + unit.seconds
    small = bench.tools.shrink(
        Case.from_json(unit.case),
        lambda case: time.monotonic() < end and failure(case) is not None,
        budget=unit.budget,
    )
    verdict = failure(small)
    if verdict is None:
        return {"shrunk": None}
    return {"shrunk": {"case": small.to_json(), "verdict": verdict.to_json()}}


_WORK: Final[Mapping[type, Any]] = {
    CorpusUnit: _range,
    PoolUnit: _range,
    SearchUnit: _search,
    CaseUnit: _case,
    ShrinkUnit: _shrink,
}

PREPARING: Final = "loading, drawing and counting"
_STAGE: Final[Mapping[type, str]] = {SearchUnit: "search", ShrinkUnit: "shrinking"}
"""What a unit's time is called where no part of it has a name of its own."""
