"""What every regression report says, before it is given a form."""

from __future__ import annotations

import shlex
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from conformance.comparison import outcome
from conformance.comparison.model import Change
from conformance.explain import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.cells import Worst
    from conformance.comparison.model import (
        CellChange,
        Comparison,
        FindingChange,
        Reason,
    )
    from conformance.writers.comparison.report import Report

VERDICT: Final = {
    0: "no regression",
    1: "regression",
    3: "the new run is incomplete",
    5: "nothing could be compared",
}

FIGURES: Final = ("cases", "differ", "grew", "typical", "error/bound")
CELLS: Final = ("change", "backend", "loss", "dtype", *FIGURES, "status")

LEGEND: Final = (
    "Each case that both runs hold is compared with itself. `differ` is how many of "
    "the `cases` have another error/bound, `grew` how many of those a larger one, and "
    "`typical` the median of new/old among them. `error/bound` is the largest of the "
    "cell; at most 1 conforms, and every backend that rounds reaches 1 somewhere."
)

_NAMED: Final = 6
"""Requirements that are named where many became the same; the rest are counted."""


def verdict(report: Report) -> str:
    """Return what the exit code means."""
    left = outcome.counts(report.comparison, "cells")[Change.NOT_COMPARABLE]
    if left and not report.code:
        return "no regression in what can be compared"
    if report.code == 1 and not outcome.regressed(report.comparison, report.fail_on):
        return "no regression, but a change that --fail-on names"
    return VERDICT[report.code]


def headline(report: Report) -> str:
    """Return the exit code and why."""
    why = "; ".join(text for text in report.why if text != VERDICT[report.code])
    return f"exit {report.code}: {verdict(report)}" + (f" ({why})" if why else "")


def summary(report: Report) -> str:
    """Return how much moved, as a sentence."""
    text = outcome.summary(report.comparison)
    return f"This change {text}."


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield what a reader must know of how the runs were paired."""
    for pair in comparison.pairs:
        if pair.old == pair.new:
            yield f"{pair.new}, in both runs"
        elif pair.old and pair.new:
            yield f"{pair.new} of NEW is held against {pair.old} of OLD"
        elif pair.old:
            yield f"{pair.old} of OLD is held against nothing: NEW does not have it"
        else:
            yield f"{pair.new} of NEW is held against nothing: OLD does not have it"
    yield from comparison.remarks
    for text in comparison.grounds:
        yield f"the runs cannot be compared: {text}"


def moved(comparison: Comparison) -> list[CellChange]:
    """Return the cells that are not the same, the gravest first."""
    order = list(Change)
    cells = [c for c in comparison.cells if c.change is not Change.SAME]
    return sorted(cells, key=lambda c: order.index(c.change))


def alike(comparison: Comparison) -> list[CellChange]:
    """Return the cells that are the same."""
    return [c for c in comparison.cells if c.change is Change.SAME]


def cell(change: CellChange) -> tuple[str, ...]:
    """Return one row of the table of cells, in the order of `CELLS`."""
    seen = change.figures
    figures = ("–",) * 5
    if seen is not None:
        figures = (
            f"{seen.paired}",
            f"{seen.altered}",
            f"{seen.grown}" if seen.altered else "–",
            f"× {number(seen.typical)}" if seen.altered else "–",
            arrow(_largest(seen.old), _largest(seen.new)),
        )
    place = (change.pair.name, change.loss, change.dtype)
    return str(change.change), *place, *figures, arrow(change.old, change.new)


def _largest(worst: Worst) -> str:
    return number(worst.figure) if worst.case else "–"


def arrow(old: str, new: str) -> str:
    """Return `old → new`, or the one that is meant if they are the same.

    >>> arrow("0.41", "0.43"), arrow("conforms", "conforms"), arrow("", "new")
    ('0.41 → 0.43', 'conforms', '– → new')
    """
    return old if old == new else f"{old or '–'} → {new or '–'}"


def reason(told: Reason) -> str:
    """Return what was seen, and the cases that show it."""
    if not told.count:
        return f"{told.change}: {told.text}"
    more = " …" if told.count > len(told.cases) else ""
    cases = "case" if told.count == 1 else "cases"
    return (
        f"{told.change}: {told.text}: {told.count} {cases}: "
        f"{' '.join(told.cases)}{more}"
    )


def findings(comparison: Comparison) -> list[FindingChange]:
    """Return the findings that fail or are not the same, what fails first."""
    order = list(Change)
    told = (
        f
        for f in comparison.findings
        # Those of a backend that only one run has say nothing that its cells do not.
        if f.fails or (f.change is not Change.SAME and all(f.pair))
    )
    return sorted(told, key=lambda f: (not f.fails, order.index(f.change)))


def finding(change: FindingChange) -> str:
    """Return one finding on one line."""
    known = f", excused by {change.known}" if change.known else ""
    kind = f" ({change.kind})" if change.kind else ""
    fails = "fails: " if change.fails else ""
    detail = f"; {change.detail}" if change.detail else ""
    return (
        f"{change.id}  {fails}{change.pair.name}: {change.loss} in {change.dtype}: "
        f"{change.quantity} {change.status}{kind}{known}: {extent(change)}{detail}; "
        f"{reason(change.reason)}"
    )


def extent(change: FindingChange) -> str:
    """Return how often a finding was seen, and how large the error was."""
    counts = arrow(f"{change.old[0]}", f"{change.new[0]}")
    ratios = arrow(number(change.old[1]), number(change.new[1]))
    size = f", error/bound up to {ratios}" if ratios != "0" else ""
    return f"{counts} {outcome.many('time', change.new[0])}{size}"


def replay(report: Report, change: FindingChange) -> str:
    """Return the command that runs the witness of a finding of the new run again."""
    return f"loss-conformance replay {change.id} --run {shlex.quote(report.new)}"


def known(comparison: Comparison) -> Iterator[str]:
    """Yield one line for each pinned witness that moved or must go."""
    for each in comparison.known:
        if each.stale or (each.change is not Change.SAME and all(each.pair)):
            yield (
                f"{each.id}: {each.change}: on {each.pair.name} in {each.dtype}: "
                f"{each.reason}"
            )


def requirements(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """Yield change, backend, dtypes, reason and names of requirements that moved."""
    dtypes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for each in comparison.requirements:
        if each.change is not Change.SAME:
            dtypes[str(each.change), each.pair.name, each.reason, each.id].append(
                each.dtype
            )
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for (change, name, why, identity), formats in dtypes.items():
        groups[change, name, ", ".join(formats), why].append(identity)
    order = [str(change) for change in Change]
    for key in sorted(groups, key=lambda key: (order.index(key[0]), key)):
        ids = groups[key]
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        yield *key, f"{', '.join(ids[:_NAMED])}{more}"


def tally(comparison: Comparison) -> Iterator[str]:
    """Yield one line for each table: how many of its rows became what."""
    for part, name in outcome.PARTS.items():
        found = outcome.counts(comparison, part)
        if found:
            words = ", ".join(f"{found[c]} {c}" for c in Change if found[c])
            yield f"{outcome.many(name, found.total())}: {words}"
