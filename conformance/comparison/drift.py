"""Growth of error/bound that is no violation: how much of it is worth a word.

Two numbers decide, and neither is a tolerance.

*The factor*, 2 unless asked otherwise. One bit of a result is a factor of two of its
error: what grows by less costs no bit, and there is no smaller unit in a binary format.
Error/bound may be compared where the bound is the same: on the same case, under the
same contract.

*What* has to grow by it. The largest error/bound of a cell says little: a result of one
rounding has a bound of one rounding, so that every correct backend reaches 1 somewhere,
and growth from there is a violation already. Where it is small, or above 1 because it
is known, its growth is told. Otherwise a cell drifts if more than half of its altered
cases, those with another error/bound, have grown by the factor. Cases that stay as they
are say nothing of those that do not, and one case in the last place is no trend.

*Chance.* A backend that adds in another order alters the rounding of many cases, one to
the better, the next to the worse, and neither run is worse than the other. If that is
all, each altered case is as likely to have grown as to have shrunk, whatever the
errors' distribution. Of m cases that are independent of one another, as those of the
pool are, at least k ≥ m/2 then grow with a probability of at most
exp(−2 (k − m/2)² / m) (Hoeffding 1963, theorem 1). Growth that may be chance is none;
`RARE` is how often we accept to be fooled: once in a million cells.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from conformance.cells import Worst, figure
from conformance.comparison.model import Change, Figures, Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from conformance.points import Point

FACTOR: Final = 2.0
"""Growth that costs a bit."""

RARE: Final = 1e-6
"""How often growth by chance may be reported, for each cell that is compared."""

Both = tuple[str, float, float]
"""A case, and its error/bound in the old run and in the new one."""


def measured(old: Mapping[str, Point], new: Mapping[str, Point]) -> list[Both]:
    """Return the cases that have an error/bound in both runs, by id."""
    ids = sorted(old.keys() & new.keys())
    rows = ((i, figure(old[i].ratio), figure(new[i].ratio)) for i in ids)
    return [row for row in rows if row[1] >= 0 and row[2] >= 0]


def figures(
    paired: int, rows: Iterable[Both], excused: Collection[str] = ()
) -> Figures:
    """Return the figures of a cell with `paired` cases, of which `rows` are measured.

    Those of `excused` show a known finding.

    >>> figures(2, [("a", 0.25, 0.5), ("b", 0.5, 0.5)]).typical
    2.0
    """
    rows = list(rows)
    growth = sorted(_growth(a, b) for _, a, b in rows if a != b)
    grown = sum(g > 1 for g in growth)
    others = [row for row in rows if row[0] not in excused]
    return Figures(
        paired,
        len(growth),
        grown,
        growth[len(growth) // 2] if growth else 1.0,
        chance(grown, len(growth)),
        max((Worst(a, i) for i, a, _ in rows), default=Worst()),
        max((Worst(b, i) for i, _, b in rows), default=Worst()),
        len(excused),
        (
            max((a for _, a, _ in others), default=0.0),
            max((b for _, _, b in others), default=0.0),
        ),
    )


def _growth(old: float, new: float) -> float:
    """Return new/old for two different figures, also where one is 0 or infinite."""
    if old == 0 or math.isinf(new):
        return math.inf
    return new / old


def chance(grown: int, altered: int) -> float:
    """Return a bound of the probability that so many of `altered` cases grow.

    >>> chance(5, 10)
    1.0
    """
    excess = grown - altered / 2
    return math.exp(-2 * excess**2 / altered) if excess > 0 else 1.0


def drifts(rows: Iterable[Both], factor: float) -> Iterator[Reason]:
    """Yield what has grown by more than `factor`, and what has shrunk by it."""
    rows = list(rows)
    yield from _grown(rows, factor, Change.DRIFT, "grew")
    swapped = [(i, b, a) for i, a, b in rows]
    yield from _grown(swapped, factor, Change.BETTER, "shrank")


def _grown(
    rows: list[Both], factor: float, change: Change, verb: str
) -> Iterator[Reason]:
    seen = figures(len(rows), rows)
    if seen.new.figure > factor * seen.old.figure:
        text = f"the largest error/bound {verb} by more than a factor of {factor:g}"
        yield Reason.shown(change, text, {seen.new.case, seen.old.case} - {""})
    beyond = [i for i, a, b in rows if b > factor * a]
    if 2 * len(beyond) > seen.altered and seen.chance <= RARE:
        text = (
            f"error/bound {verb} by more than a factor of {factor:g} in {len(beyond)} "
            f"of the {seen.altered} cases that differ"
        )
        yield Reason.shown(change, text, beyond)
