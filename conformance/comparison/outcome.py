"""What follows from a comparison: the exit code, and the sentence that says why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from conformance.comparison.model import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from conformance.comparison.model import Comparison

ALWAYS: Final = frozenset({Change.WORSE})
"""What fails however it is asked: a worse status is a regression."""

USUAL: Final = frozenset({Change.WORSE, Change.MISSING})
"""What fails if nothing else is asked: also cells and verdicts that are gone."""

PARTS: Final[Mapping[str, str]] = {
    "cells": "cell",
    "findings": "finding",
    "known": "pinned witness",
    "requirements": "requirement",
}
"""The tables of a comparison, and what one row of each is called."""


def counts(comparison: Comparison, part: str) -> Counter[Change]:
    """Return how many rows of one of `PARTS` became what."""
    return Counter(row.change for row in getattr(comparison, part))


def comparable(comparison: Comparison) -> int:
    """Return how many cells have a case in both runs."""
    return sum(c.figures is not None and c.figures.paired > 0 for c in comparison.cells)


def reasons(
    comparison: Comparison, fail_on: AbstractSet[Change] = USUAL
) -> dict[int, list[str]]:
    """Return exit code → why the comparison asks for it.

    The new run's own failures are among them, whatever the old run did: no baseline
    excuses a violation. So is a known finding that it shows to be fixed.

    Args:
        comparison: What was compared.
        fail_on: What fails, besides a worse status.
    """
    regressions = _regressions(comparison, fail_on | ALWAYS)
    return {
        3: [f"NEW is incomplete: {text}" for text in comparison.unfinished],
        1: [*_failures(comparison), *regressions],
        5: [] if comparable(comparison) else ["nothing could be compared"],
    }


HARMLESS: Final = frozenset({Change.BETTER, Change.NEW, Change.NOT_COMPARABLE})
"""What is no regression, even if it is asked to fail."""


def regressed(comparison: Comparison, fail_on: AbstractSet[Change] = USUAL) -> bool:
    """Is there a failure, or a change for the worse among those that fail?"""
    return bool(reasons(comparison, fail_on - HARMLESS)[1])


def _failures(comparison: Comparison) -> Iterator[str]:
    failing = [f for f in comparison.findings if f.fails]
    if failing:
        fail = "finding of NEW fails" if len(failing) == 1 else "findings of NEW fail"
        told = f"{len(failing)} {fail}"
        old = sum(f.old[0] > 0 for f in failing)
        yield f"{told}, {old} of them in OLD too: that excuses none" if old else told
    stale = {k.id for k in comparison.known if k.stale}
    if stale:
        yield (
            f"{len(stale)} known {many('finding', len(stale))} fixed, to be removed "
            f"from the list: {', '.join(sorted(stale))}"
        )


def _regressions(comparison: Comparison, fail_on: AbstractSet[Change]) -> Iterator[str]:
    for change in Change:
        if change in fail_on:
            for part, name in PARTS.items():
                found = counts(comparison, part)[change]
                if found and not (part in _MAY_GO and change is Change.MISSING):
                    yield f"{found} {many(name, found)} {change}"


_MAY_GO: Final = frozenset({"findings", "known"})
"""What it is no loss to see no more."""


def many(name: str, count: int) -> str:
    """Return `name` in the plural, unless it is one.

    >>> many("pinned witness", 2), many("cell", 1)
    ('pinned witnesses', 'cell')
    """
    return name if count == 1 else f"{name}es" if name.endswith("s") else f"{name}s"


def exit_code(comparison: Comparison, fail_on: AbstractSet[Change] = USUAL) -> int:
    """Return 3 incomplete, 1 a regression or a failure, 5 nothing compared, else 0."""
    return next((c for c, why in reasons(comparison, fail_on).items() if why), 0)


_UNMOVED: Final = frozenset({Change.SAME, Change.NOT_COMPARABLE})


def summary(comparison: Comparison) -> str:
    """Return how much moved, in one sentence without its full stop."""
    cells = counts(comparison, "cells")
    parts = [f"{cells[c]} {c}" for c in Change if c not in _UNMOVED and cells[c]]
    moved = cells.total() - sum(cells[c] for c in _UNMOVED)
    told = f"moved {moved} of {cells.total()} {many('cell', cells.total())}"
    told += f" ({', '.join(parts)})" if parts else ""
    left = cells[Change.NOT_COMPARABLE]
    apart = [f"{left} cannot be compared"] if left else []
    return "; ".join((told, *apart, _failing(comparison), *_worst(comparison)))


def _failing(comparison: Comparison) -> str:
    failing = sum(f.fails for f in comparison.findings)
    # What is known is a violation all the same, and its error/bound is told elsewhere.
    known = len({f.known for f in comparison.findings if f.known and f.new[0]})
    if failing:
        beside = f", beside {known} known" if known else ""
        return f"{failing} {many('finding', failing)} in NEW{beside}"
    but = f" but for {known} known {many('finding', known)}" if known else ""
    return f"none violates{but}"


def _worst(comparison: Comparison) -> Iterator[str]:
    seen = [c.figures for c in comparison.cells if c.figures and c.figures.paired]
    if seen:
        old, new = (max(f.rest[run] for f in seen) for run in (0, 1))
        altered, paired = sum(f.altered for f in seen), sum(f.paired for f in seen)
        texts = dict.fromkeys((f"{old:.3g}", f"{new:.3g}"))
        aside = any(f.excused for f in seen)
        where = " in cases without a known finding" if aside else ""
        yield f"largest error/bound {' → '.join(texts)}{where}"
        yield f"{altered} of {paired} paired cases have another error/bound"
