"""The verdict on a whole run, in words."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.run import FINISHED, INTERRUPTED, exit_code, new_findings, stale
from conformance.verdict import Status
from conformance.writers.facts import counted
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TITLES: Final = MappingProxyType(
    {
        0: "Everything checked conforms",
        1: "Does not conform",
        3: "Incomplete: this run proves less than was asked",
        5: "Nothing was checked",
        130: "Interrupted",
    }
)
_NOTHING_NEW: Final = "Nothing new: all but known findings conform"
_LOOKS: Final = MappingProxyType(
    {
        0: look(Status.CONFORMS),
        1: look(Status.VIOLATES),
        3: look("incomplete"),
        5: look("not run"),
        130: look("incomplete"),
    }
)


@dataclass(frozen=True)
class Reason:
    """Something that decided the outcome, or that a reader must know beside it.

    Attributes:
        text: A sentence.
        place: The id of the part of the page that tells more.
    """

    text: str
    place: str


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        code: The exit code.
        title: The same in words.
        look: Its colour and symbol.
        reasons: Why, the gravest first, and what else counts.
    """

    code: int
    title: str
    look: Look
    reasons: tuple[Reason, ...]


def outcome(run: Mapping[str, Any]) -> Outcome:
    """Return what came of `run`."""
    code = exit_code(run)
    title, shown = _TITLES[code], _LOOKS[code]
    if not code and _count(run, Status.KNOWN):
        title = _NOTHING_NEW
    if new_findings(run) and title != _TITLES[1]:
        title, shown = f"{title}; what was checked does not conform", _LOOKS[1]
    return Outcome(code, title, shown, tuple(_reasons(run)))


def _count(run: Mapping[str, Any], status: Status) -> int:
    return sum(1 for f in run["findings"] if f["status"] == status)


def _reasons(run: Mapping[str, Any]) -> Iterator[Reason]:
    if run["stop"] == INTERRUPTED:
        yield Reason("The run was interrupted: what is shown is a part.", "cells")
    elif run["stop"] != FINISHED:
        yield Reason("The run was killed: what is shown is a part.", "cells")
    if not run["totals"]["verdicts"]:
        yield Reason("There is not one verdict.", "cells")
    for count, noun, rest, place in (*_failing(run), *_beside(run)):
        if count:
            yield Reason(f"{counted(count, noun)}{rest}", place)


_Line = tuple[int, str, str, str]
"""How many, of what, what about them, and the id of the part of the page."""


def _failing(run: Mapping[str, Any]) -> Iterator[_Line]:
    yield len(run["faults"]), "fault", ": work was lost or given up", "trouble"
    missing = len(run["missing"])
    yield missing, "planned requirement", " without a verdict", "trouble"
    undecided = run["totals"]["verdicts"].get(Status.INCONCLUSIVE, 0)
    yield undecided, "verdict", " not decided", "inconclusive"
    new = new_findings(run)
    names = ", ".join(sorted({f["backend"] for f in new}))
    yield len(new), "new finding", f" on {names}", "findings"
    fixed = " to be removed: the witness conforms now"
    yield len(stale(run)), "known finding", fixed, "known"


def _beside(run: Mapping[str, Any]) -> Iterator[_Line]:
    known = sum(1 for entry in run["known"] if entry["count"])
    yield known, "known finding", ", listed with a reason and an expiry", "known"
    suspects = _count(run, Status.SUSPECT)
    yield suspects, "suspect", ": shown, not failing", "suspect"
