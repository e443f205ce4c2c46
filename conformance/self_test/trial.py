"""One cell of the self-test: all wrong backends over the same cases."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.backend import Output, execute
from conformance.crumb import Crumb
from conformance.findings import Excuses
from conformance.packing import dumps
from conformance.profiles import LEVELS
from conformance.tally import Tally
from conformance.tools import resolve
from conformance.trace import tail
from conformance.verdict import FAILURES
from conformance.workbench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conformance.backend import Backend
    from conformance.case import Case
    from conformance.tools import Tools
    from conformance.verdict import Verdict

CONTROL: Final = "numpy"
"""The correct backend, which takes part: nothing may be said against it."""

ENOUGH: Final = 8
"""Cases that caught a mutant after which it is not run again in a cell."""

SAMPLED: Final = 8
"""One case of so many is examined though the answer is that of the correct backend."""

LARGE: Final = 20_000
"""Elements from which on a named case comes last: few mutants are left by then."""

_CHECKS: Final = {
    "value": "values",
    "gradient": "gradients",
    "dtype": "results",
    "shape": "results",
    "inputs": "purity",
    "call": "errors",
    "rejection": "errors",
}


@dataclass(frozen=True)
class Trial:
    """A unit of work.

    Attributes:
        loss: The loss.
        dtype: The storage format.
        specs: The wrong backends, as `conformance.loading` spells them.
        pool: How many pool cases there are after the named ones.
        search: Cases of a directed search; then neither named nor pool cases are run.
        seed: Of pool and search.
        tools: `module:function` that gives the parts, see `conformance.tools`.
        level: Named cases of this one of `LEVELS`, and of those before it, are run.
    """

    loss: str
    dtype: str
    specs: tuple[str, ...]
    pool: int
    search: int
    seed: int
    tools: str
    level: str = LEVELS[0]


@dataclass
class Suspect:
    """A wrong backend in one cell, and what was found against it.

    Attributes:
        spec: How it was spelt.
        backend: The backend.
        bench: Where it is measured.
        cases: Cases run.
        seconds: CPU seconds they took, judging included.
        kills: Check → cases in which it failed.
        caught: Cases in which any check failed.
        first: The first of them.
    """

    spec: str
    backend: Backend
    bench: Bench
    cases: int = 0
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    caught: int = 0
    first: dict[str, Any] | None = None

    def answers_as(self, expected: Output, case: Case) -> bool:
        """Does it return, on one more case, what the correct backend did?

        Then nothing can be said against it there, and it need not be judged.
        """
        began = time.process_time()
        self.bench.crumb.drop(self._crumb(case))
        same = _bits(_outcome(self.backend, case)) == _bits(expected)
        self.bench.crumb.lift()
        self.seconds += time.process_time() - began
        self.cases += same
        return same

    def meet(self, case: Case) -> Sequence[Verdict]:
        """Return the verdicts on one more case."""
        began = time.process_time()
        name = case.origin.removeprefix("corpus:")
        named = name if name != case.origin else ""
        verdicts = self.bench.measure(case, self.backend, self._crumb(case), name=named)
        self.seconds += time.process_time() - began
        self.cases += 1
        failed = [v for v in verdicts if v.status in FAILURES]
        if failed:
            self._blame(case, failed)
        return verdicts

    def _crumb(self, case: Case) -> dict[str, str]:
        return {"backend": self.spec, "origin": case.origin, "case": case.id}

    def _blame(self, case: Case, failed: Sequence[Verdict]) -> None:
        self.caught += 1
        self.kills.update({check_of(v.quantity) for v in failed})
        if self.first is None:
            worst = max(failed, key=lambda v: v.ratio)
            self.first = {
                "case": case.id,
                "origin": case.origin,
                "check": check_of(worst.quantity),
                "requirement": self._requirement(),
                "quantity": worst.quantity,
                "status": str(worst.status),
                "cases": self.cases,
                "seconds": self.seconds,
            }

    def failed_requirements(self) -> list[str]:
        """Return the ids of the requirements it failed."""
        support = self.bench.tally.support
        return sorted(k[0] for k, s in support.items() if FAILURES & set(s.counts))

    def _requirement(self) -> str:
        """Return the most specific requirement it failed: that of most features."""
        failed = set(self.failed_requirements())
        known = [r for r in self.bench.tools.catalogue() if r.id in failed]
        return max(known, key=lambda r: len(r.features)).id if known else ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "spec": self.spec,
            "cases": self.cases,
            "seconds": self.seconds,
            "kills": dict(self.kills),
            "caught": self.caught,
            "first": self.first,
            "requirements": self.failed_requirements(),
            "faults": sorted(self.bench.tally.faults),
        }


def check_of(quantity: str) -> str:
    """Return the check that judges a quantity.

    >>> check_of("gradient.input"), check_of("value")
    ('gradients', 'values')
    """
    kind = quantity.partition(".")[0]
    return _CHECKS.get(kind, kind)


def _outcome(backend: Backend, case: Case) -> Output:
    try:
        return execute(backend, case)
    except Exception as error:  # noqa: BLE001 - an outcome like any other
        return Output.failed(error)


def _bits(output: Output) -> tuple[Any, ...]:
    """Return everything that an output says, comparably."""
    return tuple(_comparable(getattr(output, f.name)) for f in fields(output))


def _comparable(part: Any) -> Any:
    if isinstance(part, np.ndarray):
        return part.dtype.name, part.shape, part.tobytes()
    if isinstance(part, Mapping):
        return tuple((k, _comparable(v)) for k, v in sorted(part.items()))
    return part


def perform(trial: Trial, crumb: Path) -> str:
    """Return what was found against each backend of `trial`, as JSON."""
    try:
        with Crumb(crumb) as trail:
            suspects = list(_suspects(trial, trail))
            (_search if trial.search else _sweep)(trial, suspects)
        return dumps({"suspects": [s.to_json() for s in suspects]})
    except Exception as error:  # noqa: BLE001 - whatever fails here is the tool's fault
        return dumps({"suspects": [], "fault": tail(error)})


def _suspects(trial: Trial, trail: Crumb) -> Iterator[Suspect]:
    tools = resolve(trial.tools)
    for spec in (CONTROL, *trial.specs):
        yield Suspect(spec, tools.load(spec), Bench(tools, Excuses(), trail, Tally()))


def _sweep(trial: Trial, suspects: Sequence[Suspect]) -> None:
    """Run all on each case before the next is drawn, so that it is answered once."""
    control, *wrong = suspects
    for number, case in enumerate(cases(trial, control.bench.tools)):
        left = [s for s in wrong if s.caught < ENOUGH]
        if not left:
            return
        control.meet(case)
        expected = _outcome(control.backend, case)
        for suspect in left:
            if number % SAMPLED == 0 or not suspect.answers_as(expected, case):
                suspect.meet(case)


def cases(trial: Trial, tools: Tools) -> Iterator[Case]:
    """Yield the cases: named ones from small to large, then the pool, then the rest."""
    items = tools.corpus(trial.loss, trial.dtype)
    levels = LEVELS[: LEVELS.index(trial.level) + 1]
    named = sorted((i.case for i in items if i.least in levels), key=size)
    yield from (case for case in named if size(case) <= LARGE)
    for index in range(trial.pool):
        yield tools.pool_case(trial.loss, trial.dtype, index, trial.seed)
    yield from (case for case in named if size(case) > LARGE)


def size(case: Case) -> int:
    """Return how many elements the input has."""
    return math.prod(case.arguments["input"].shape)


class _FoundError(BaseException):
    """Ends a search that has found something."""


def _search(trial: Trial, suspects: Sequence[Suspect]) -> None:
    for suspect in suspects[1:]:

        def score(case: Case, suspect: Suspect = suspect) -> float:
            verdicts = suspect.meet(case)
            if suspect.caught:
                raise _FoundError
            return max((v.ratio for v in verdicts if v.measured), default=0.0)

        search = suspect.bench.tools.search
        try:
            search(
                trial.loss,
                trial.dtype,
                budget=trial.search,
                seed=trial.seed,
                score=score,
            )
        except _FoundError:
            continue
