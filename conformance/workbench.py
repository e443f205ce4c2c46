"""One case on one backend: run it, have it examined, set known findings aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.backend import Output, execute, runs_backwards
from conformance.cells import Scored
from conformance.experiment import ALL
from conformance.findings import first_cover
from conformance.stopwatch import timed
from conformance.trace import tail
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.backend import Backend
    from conformance.case import Case
    from conformance.crumb import Crumb
    from conformance.findings import Excuses, Known
    from conformance.tally import Tally
    from conformance.tools import Tools
    from conformance.verdict import Verdict

THOROUGH: Final = "everything-"
"""Corpus cases whose names start so are asked for everything, others for a sample."""

SHOWN: Final = "tutorial-"
"""Corpus cases whose names start so are printed with every backend's result."""

MOST_SHOWN: Final = 16
"""Elements of such a result that are kept."""


@dataclass(frozen=True)
class Bench:
    """Where a unit measures.

    Attributes:
        tools: The parts.
        excuses: The known findings.
        crumb: The trail that outlives a crash.
        tally: What was found so far.
    """

    tools: Tools
    excuses: Excuses
    crumb: Crumb
    tally: Tally

    def attempt(self, draw: Callable[[], Any], what: str) -> Any:
        """Return what `draw` gives; if it raises, record our fault and return None."""
        try:
            return draw()
        except Exception as error:  # noqa: BLE001 - our own fault: recorded, run goes on
            self.tally.faults[f"{what} was lost: {tail(error)}"] += 1
            return None

    def measure(
        self,
        case: Case,
        backend: Backend,
        crumb: Mapping[str, Any],
        *,
        name: str = "",
        reason: str = "",
        asked: str = "",
    ) -> Sequence[Verdict]:
        """Return the verdicts on `case`, counted; none if it could not be run.

        Args:
            case: The case.
            backend: The backend.
            crumb: What to say if the process dies meanwhile.
            name: The name of a corpus case.
            reason: Why that case is in the corpus.
            asked: What else to ask, as `conformance.experiment.conduct` takes it.
        """
        name_of_backend = backend.name
        self.crumb.drop(crumb)
        with timed(self.tally.spent, "backends"):
            outcome = _run(backend, case)
        self.crumb.lift()
        if isinstance(outcome, str):
            self.tally.cell(name_of_backend, case).skipped[outcome] += 1
            return ()
        if name.startswith(THOROUGH):
            asked = ALL
        with timed(self.tally.spent, "relations and repetition"):
            trial = self._trial(case, backend, outcome, crumb, asked)
        judged = self.attempt(
            lambda: self._judged(case, backend, outcome, trial),
            f"{name_of_backend}: {case.loss} in {case.dtype}: a case",
        )
        if judged is None:
            return ()
        entries = self.excuses.about(name_of_backend, case.loss, case.dtype)
        scored = [_score(case, j, entries) for j in judged]
        self.tally.add(name_of_backend, case, scored)
        pin(self.tally, self.excuses, name_of_backend, name, case, scored)
        if name.startswith(SHOWN):
            self._show(name, reason, case, name_of_backend, outcome, scored)
        return [s.verdict for s in scored]

    def _judged(
        self, case: Case, backend: Backend, outcome: Output, trial: tuple[Any, ...]
    ) -> Sequence[Any]:
        with timed(self.tally.spent, "exact values, bounds and judge"):
            answer = self.tools.answer(case)
            return self.tools.examine(case, answer, backend, outcome, *trial)

    def _trial(
        self,
        case: Case,
        backend: Backend,
        outcome: Output,
        crumb: Mapping[str, Any],
        asked: str,
    ) -> tuple[Any, ...]:
        """Return what else the backend answers; nothing where there is no question."""
        conduct = self.tools.conduct
        if conduct is None or outcome.error is not None:
            return ()

        def ask() -> Any:
            if self.tools.answer(case).result is None:
                return None  # What is invalid has no variants.
            self.crumb.drop(crumb)
            made = conduct(backend, case, asked)
            self.crumb.lift()
            return made

        what = f"{backend.name}: {case.loss} in {case.dtype}: what follows a case"
        made = self.attempt(ask, what)
        self.crumb.lift()
        return () if made is None else (made,)

    def new(self, case: Case, backend: Backend, verdict: Verdict) -> bool:
        """Is `verdict` a failure that no known finding covers?"""
        entries = self.excuses.about(backend.name, case.loss, case.dtype)
        return verdict.status in FAILURES and not first_cover(entries, case, verdict)

    def _show(
        self,
        name: str,
        reason: str,
        case: Case,
        backend: str,
        output: Output,
        scored: Sequence[Scored],
    ) -> None:
        value = [s for s in scored if s.verdict.quantity == "value"]
        self.tally.named[name, backend, case.loss, case.dtype] = {
            "reason": reason,
            "case": case.to_json(),
            "exact": self.tools.describe(self.tools.answer(case)),
            "got": _plain(output),
            "status": str(value[0].status) if value else "no value",
        }


def _plain(output: Output) -> str:
    if output.error is not None or output.value is None:
        return output.error or "nothing"
    return ", ".join(str(v) for v in output.value.ravel()[:MOST_SHOWN])


def blame(
    tally: Tally,
    excuses: Excuses,
    backend: str,
    name: str,
    case: Case,
    verdict: Verdict,
) -> None:
    """Count a failure of `backend` that left no output to examine."""
    entries = excuses.about(backend, case.loss, case.dtype)
    known = first_cover(entries, case, verdict)
    status = Status.KNOWN if known else verdict.status
    scored = [Scored(verdict, status, known, verdict.status, ())]
    tally.add(backend, case, scored)
    pin(tally, excuses, backend, name, case, scored)


def pin(
    tally: Tally,
    excuses: Excuses,
    backend: str,
    name: str,
    case: Case,
    scored: Sequence[Scored],
) -> None:
    """Note whether the known findings that `name` is the witness of still show.

    Where the call itself failed nothing is: it never came to what they are about.
    """
    silent = any(s.verdict.quantity == "call" and _failed(s.verdict) for s in scored)
    for entry in excuses.entries if name else ():
        if entry.witness == name and entry.about(backend, case.loss, case.dtype):
            failed = any(entry.covers(case, s.verdict) for s in scored)
            if failed or not silent:
                tally.pinned[entry.id, backend, case.dtype] = failed


def _run(backend: Backend, case: Case) -> Output | str:
    # Not only `Exception`: whatever a backend raises must not end the worker, which
    # ignores the interrupts of the user.
    try:
        reason = _beyond(backend, case) or backend.can_run(case)
        return reason or execute(backend, case)
    except BaseException as error:  # noqa: BLE001 - a backend's outcome
        return Output.failed(error)


def _beyond(backend: Backend, case: Case) -> str:
    """Return why a case needs more than any backend is expected to take."""
    if runs_backwards(case) and not backend.capabilities.negative_strides:
        return "does not take views that run backwards"
    return ""


def _score(case: Case, judged: Any, entries: Sequence[Known]) -> Scored:
    verdict: Verdict = judged.verdict
    known = first_cover(entries, case, verdict) if _failed(verdict) else ""
    status = Status.KNOWN if known else verdict.status
    return Scored(verdict, status, known, judged.wide, judged.requirements)


def _failed(verdict: Verdict) -> bool:
    return verdict.status in FAILURES
