"""What became of a cell: the same cases of a backend, a loss and a storage format."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from conformance.comparison.drift import drifts, figures, measured
from conformance.comparison.model import CellChange, Change, Reason, gravest
from conformance.comparison.pairing import corpus_ground
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.comparison.model import Figures, Pair
    from conformance.comparison.side import Side
    from conformance.points import Point

# A failure is a failure, whichever it is and whether or not it is excused: a list of
# known findings makes no backend better, and none worse.
_TIERS: Final = (
    {Status.CONFORMS},
    {Status.VACUOUS, Status.UNSUPPORTED},
    {Status.SUSPECT},
    {Status.INCONCLUSIVE},
    FAILURES | {Status.KNOWN},
)
_TIER: Final = {status: rank for rank, row in enumerate(_TIERS) for status in row}
_UNPROMISED: Final = 1

_CALL: Final = "call"
"""The quantity that departs if a backend gives no answer."""


class Turn(NamedTuple):
    """The verdict on one quantity of one case, where it is not the same in both runs.

    Attributes:
        case: The case.
        quantity: The quantity.
        old: The status in the old run.
        new: The status in the new run.
    """

    case: str
    quantity: str
    old: Status
    new: Status

    @property
    def change(self) -> Change:
        """Return what it makes of a cell."""
        before, after = _TIER[self.old], _TIER[self.new]
        if before == after:
            return Change.SAME
        if before > after:
            return Change.BETTER
        # The contract promises nothing there, so nothing it promised was lost.
        return Change.DRIFT if after == _UNPROMISED else Change.WORSE


def turns(old: Mapping[str, Point], new: Mapping[str, Point]) -> Iterator[Turn]:
    """Yield every verdict that is another one in `new`, of the cases in both."""
    for case in sorted(old.keys() & new.keys()):
        before, after = old[case].departs, new[case].departs
        quantities = before.keys() | after.keys()
        if (_CALL in before) != (_CALL in after):
            # Without an answer there was no verdict on anything else.
            quantities = {_CALL}
        for quantity in sorted(quantities):
            a = Status(before.get(quantity, Status.CONFORMS))
            b = Status(after.get(quantity, Status.CONFORMS))
            if a != b:
                yield Turn(case, quantity, a, b)


def compare_cells(
    old: Side, new: Side, pair: Pair, grounds: tuple[str, ...], factor: float
) -> Iterator[CellChange]:
    """Yield what became of each cell of a pair of backends.

    Args:
        old: The old run.
        new: The new run.
        pair: The backends; one is empty if only one run has it.
        grounds: Why no case of theirs can be compared; empty if they can.
        factor: Growth from which on it is drift.
    """
    mine = {key[1:] for key in old.cells if key[0] == pair.old}
    theirs = {key[1:] for key in new.cells if key[0] == pair.new}
    for loss, dtype in sorted(mine | theirs):
        before, after = (pair.old, loss, dtype), (pair.new, loss, dtype)
        a, b = old.points.get(before, {}), new.points.get(after, {})
        why = grounds + corpus_ground(old, new, loss, dtype)
        seen: Figures | None = None
        if (loss, dtype) not in mine & theirs:
            reasons = [_alone(old, new, pair, loss, dtype)]
        elif why:
            reasons = [Reason(Change.NOT_COMPARABLE, text) for text in why]
        else:
            rows, found = measured(a, b), list(turns(a, b))
            turned = {t.case for t in found if t.change is not Change.SAME}
            # What its verdict tells of a case need not be told by its error as well.
            still = [row for row in rows if row[0] not in turned]
            seen = figures(len(a.keys() & b.keys()), rows, _excused(a, b))
            reasons = [*_turned(found), *drifts(still, factor)]
            reasons += [*_unpaired(old, new, a, b), *_open(new, seen)]
        standings = old.standing(before), new.standing(after)
        yield _cell(pair, loss, dtype, reasons, standings, seen)


def _excused(old: Mapping[str, Point], new: Mapping[str, Point]) -> set[str]:
    """Return the cases of both runs that show a known finding in one of them."""
    return {
        case
        for case in old.keys() & new.keys()
        if Status.KNOWN in {*old[case].departs.values(), *new[case].departs.values()}
    }


def _cell(
    pair: Pair,
    loss: str,
    dtype: str,
    reasons: list[Reason],
    standings: tuple[str, str],
    seen: Figures | None,
) -> CellChange:
    change = gravest(reason.change for reason in reasons)
    order = list(Change)
    told = sorted(reasons, key=lambda r: (order.index(r.change), r.text))
    return CellChange(pair, loss, dtype, change, tuple(told), *standings, seen)


def _alone(old: Side, new: Side, pair: Pair, loss: str, dtype: str) -> Reason:
    """Return the reason of a cell that only one run has."""
    gone = (pair.old, loss, dtype) in old.cells
    name, side, backend = ("NEW", new, pair.new) if gone else ("OLD", old, pair.old)
    text = f"{name} {side.absence(backend, loss, dtype)}"
    if side.unfinished or side.shard:
        return Reason(Change.NOT_COMPARABLE, text)
    return Reason(Change.MISSING if gone else Change.NEW, text)


def _turned(found: Iterable[Turn]) -> Iterator[Reason]:
    cases: dict[tuple[Change, str], list[str]] = defaultdict(list)
    for turn in found:
        text = f"{turn.quantity}: {turn.old} → {turn.new}"
        if turn.change is Change.SAME:
            text += ", which is no better and no worse"
        cases[turn.change, text].append(turn.case)
    for (change, text), ids in cases.items():
        yield Reason.shown(change, text, ids)


def _unpaired(
    old: Side, new: Side, a: Mapping[str, Point], b: Mapping[str, Point]
) -> Iterator[Reason]:
    """Yield the cases that one run lacks though it was to meet them."""
    lost, added = a.keys() - b.keys(), b.keys() - a.keys()
    if lost and new.covers(old):
        change = Change.NOT_COMPARABLE if new.unfinished else Change.MISSING
        yield Reason.shown(change, "NEW did not run cases of OLD", lost)
    if added and old.covers(new):
        change = Change.NOT_COMPARABLE if old.unfinished else Change.NEW
        yield Reason.shown(change, "OLD did not run cases of NEW", added)


def _open(new: Side, seen: Figures) -> Iterator[Reason]:
    """Yield why what looks alike may differ."""
    if new.unfinished:
        yield Reason(Change.NOT_COMPARABLE, "NEW is incomplete")
    if not seen.paired:
        yield Reason(Change.NOT_COMPARABLE, "no case is in both")
