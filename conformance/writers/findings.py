"""What every report says about findings, new and known, before it is given a form."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from conformance.case import Case
from conformance.explain import explain, number
from conformance.run import new_findings
from conformance.verdict import Status, Verdict
from conformance.writers.facts import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GRAVEST: Final = (
    Status.VIOLATES,
    Status.WRONG_CLASS,
    Status.ERROR,
    Status.ACCEPTED_INVALID,
)
_PLAINEST: Final = ("value", "gradient", "derivative")


def story(finding: Mapping[str, Any], where: str) -> list[str]:
    """Return one finding in full: its witness, shrunk if that worked, and replay."""
    small = finding["shrunk"] or finding
    case = Case.from_json(small["case"])
    verdict = Verdict.from_json(small["verdict"])
    witness = f"case {case.id} from {case.origin}"
    verdicts = "verdict" if finding["count"] == 1 else "verdicts"
    replay = f"loss-conformance replay {finding['id']} --run {shlex.quote(where)}"
    return [
        *explain(finding["backend"], case, verdict),
        f"  {'witness':10}{witness}; {finding['count']} such {verdicts} in this run",
        f"  {'replay':10}{replay}",
    ]


def line(finding: Mapping[str, Any]) -> str:
    """Return one finding on one line."""
    # Of a wrong class or an error it is that of the other elements, if of any.
    measured = finding["kind"] == "value"
    ratio = f", error/bound up to {number(finding['ratio'][0])}" if measured else ""
    return (
        f"{finding['id']}  {finding['backend']}: {finding['loss']} in "
        f"{finding['dtype']}: {finding['quantity']} {finding['status']} "
        f"({finding['kind']}), {counted(finding['count'], 'time')}{ratio}"
    )


def other_findings(run: Mapping[str, Any], status: Status) -> list[dict[str, Any]]:
    """Return the findings of one status that does not fail a run."""
    return [f for f in run["findings"] if f["status"] == status]


def ordered(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the new findings, the most telling first."""
    return sorted(
        new_findings(run),
        key=lambda f: (
            f["backend"],
            f["loss"],
            run["dtypes"].index(f["dtype"]),
            gravity(f),
        ),
    )


def gravity(finding: Mapping[str, Any]) -> tuple[int, int, str]:
    """Return what findings of a cell are ordered by: the gravest, then the plainest.

    Wrong numbers come before errors, those before invalid arguments that are accepted;
    of equally grave ones the value comes first, then the gradients. Last the id.
    """
    kind = finding["quantity"].partition(".")[0]
    plain = _PLAINEST.index(kind) if kind in _PLAINEST else len(_PLAINEST)
    grave = (
        _GRAVEST.index(finding["status"])
        if finding["status"] in _GRAVEST
        else len(_GRAVEST)
    )
    return grave, plain, finding["id"]


def in_turn(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the new findings so that each cell has its turn, not one cell them all."""
    turns: Counter[tuple[str, ...]] = Counter()
    ranked: list[tuple[int, int, dict[str, Any]]] = []
    for finding in ordered(run):
        cell = finding["backend"], finding["loss"], finding["dtype"]
        ranked.append((turns[cell], len(ranked), finding))
        turns[cell] += 1
    return [finding for *_, finding in sorted(ranked, key=lambda entry: entry[:2])]


def known_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each known finding that concerns the run.

    First what is to be done: those that excuse nothing any more; last those not met.
    """
    for entry in sorted(run["known"], key=_urgency):
        state = counted(entry["count"], "time")
        if entry["ceiling"] is not None and entry["count"]:
            state += f", error/bound up to {number(entry['ratio'][0])}"
            state += f" of {number(entry['ceiling'])}"
        if entry["expired"]:
            state = f"EXPIRED on {entry['expires']}: excuses nothing any more"
        yield f"{entry['id']}: {state}: {entry['reason']} [{entry['link']}]"
        yield from _stale(entry)
        for backend, dtype in entry["elsewhere"]:
            yield (
                f"{entry['id']}: its witness {entry['witness']!r} conforms on "
                f"{backend} in {dtype}; it was measured on {_versions(entry)}"
            )


def _urgency(entry: Mapping[str, Any]) -> tuple[bool, bool, str]:
    return not (entry["expired"] or entry["stale"]), not entry["count"], entry["id"]


def _stale(entry: Mapping[str, Any]) -> Iterator[str]:
    for backend, dtype in entry["stale"]:
        yield (
            f"{entry['id']}: STALE: its witness {entry['witness']!r} conforms on "
            f"{backend} in {dtype}: remove the entry"
        )


def stale_lines(run: Mapping[str, Any]) -> list[str]:
    """Return one line for each known finding that excuses nothing any more."""
    return [line for entry in run["known"] for line in _stale(entry)]


def _versions(entry: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {v}" for name, v in sorted(entry["versions"].items()))
