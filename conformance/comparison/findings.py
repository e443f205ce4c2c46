"""What became of the findings, as far as the cases that both runs have can tell."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from conformance.cells import figure
from conformance.comparison.cells import turns
from conformance.comparison.model import (
    CellChange,
    Change,
    FindingChange,
    KnownChange,
    Reason,
)
from conformance.verdict import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.comparison.cells import Turn
    from conformance.comparison.model import Pair
    from conformance.comparison.side import Side

_NAMES: Final = ("quantity", "kind", "status", "known")

Name = tuple[str, ...]
"""Quantity, kind, status and known finding: what tells the findings of a cell apart."""


class _Told(NamedTuple):
    """The findings of one cell in both runs, and the verdicts that turned."""

    old: Mapping[Name, Mapping[str, Any]]
    new: Mapping[Name, Mapping[str, Any]]
    turns: tuple[Turn, ...]

    def grew(self, name: Name) -> list[str]:
        """Return the cases that show it in the new run, and nothing so grave before."""
        quantity, _, status, _ = name
        # Where it is there anew beside an old one of the same status, it is the cause.
        caused = name in self.old and self._alone(self.new, self.old, quantity, status)
        if caused or self._growth(name) <= 0:
            return []
        told = (Change.WORSE, Change.DRIFT)
        return [
            t.case
            for t in self.turns
            if t.change in told and (t.quantity, t.new) == (quantity, status)
        ]

    def shrank(self, name: Name) -> list[str]:
        """Return the cases that showed it, and show nothing so grave any more."""
        quantity, _, status, _ = name
        caused = name in self.new and self._alone(self.old, self.new, quantity, status)
        if caused or self._growth(name) >= 0:
            return []
        return [
            t.case
            for t in self.turns
            if t.change is Change.BETTER and (t.quantity, t.old) == (quantity, status)
        ]

    def stayed(self, name: Name) -> list[str]:
        """Return the cases that show it in one run, and its like in the other."""
        quantity, _, status, _ = name
        return [
            t.case
            for t in self.turns
            if t.change is Change.SAME
            and t.quantity == quantity
            and status in (t.old, t.new)
        ]

    def _growth(self, name: Name) -> int:
        """Return how many more verdicts of a finding the new run has."""
        a, b = (run[name]["count"] if name in run else 0 for run in self[:2])
        return int(b) - int(a)

    @staticmethod
    def _alone(
        one: Iterable[Name], other: Mapping[Name, Any], quantity: str, status: str
    ) -> bool:
        return any((n[0], n[2]) == (quantity, status) for n in one if n not in other)


def compare_findings(
    old: Side, new: Side, cells: Iterable[CellChange]
) -> Iterator[FindingChange]:
    """Yield what became of each finding of each of `cells`."""
    before, after = _by_cell(old), _by_cell(new)
    for cell in cells:
        place = (cell.loss, cell.dtype)
        keys = (cell.pair.old, *place), (cell.pair.new, *place)
        points = old.points.get(keys[0], {}), new.points.get(keys[1], {})
        comparable = cell.figures is not None
        told = _Told(
            before.get(keys[0], {}),
            after.get(keys[1], {}),
            tuple(turns(*points)) if comparable else (),
        )
        for name in sorted(told.old.keys() | told.new.keys()):
            reason = _reason(told, name) if comparable else _apart(cell, told, name)
            yield _finding(cell, told, name, reason)


def _by_cell(side: Side) -> dict[Name, dict[Name, Mapping[str, Any]]]:
    table: dict[Name, dict[Name, Mapping[str, Any]]] = defaultdict(dict)
    for f in side.run["findings"]:
        cell = (f["backend"], f["loss"], f["dtype"])
        table[cell][tuple(f[name] for name in _NAMES)] = f
    return table


def _reason(told: _Told, name: Name) -> Reason:
    """Return what the cases of both runs, or the lack of them, say of a finding."""
    both = name in told.old and name in told.new
    grew, shrank, stayed = told.grew(name), told.shrank(name), told.stayed(name)
    if grew:
        text = "more than in OLD" if both else "OLD does better"
        return Reason.shown(Change.WORSE, text, grew)
    if shrank:
        text = "fewer than in OLD" if both else "fixed"
        return Reason.shown(Change.BETTER, text, shrank)
    if both:
        return Reason(Change.SAME, "in both")
    if stayed:
        text = "failing in both, but not in the same way, or excused in one"
        return Reason.shown(Change.SAME, text, stayed)
    if name in told.new:
        return Reason(Change.NEW, "no case of OLD could show it")
    return Reason(Change.MISSING, "no case of NEW could show it: it need not be fixed")


def _apart(cell: CellChange, told: _Told, name: Name) -> Reason:
    """Return what is said of a finding of a cell that cannot be compared."""
    if cell.change is Change.NOT_COMPARABLE:
        return Reason(Change.NOT_COMPARABLE, cell.reasons[0].text)
    change = Change.NEW if name in told.new else Change.MISSING
    return Reason(change, cell.reasons[0].text)


def _finding(
    cell: CellChange, told: _Told, name: Name, reason: Reason
) -> FindingChange:
    quantity, kind, status, known = name
    a, b = told.old.get(name), told.new.get(name)
    return FindingChange(
        cell.pair,
        cell.loss,
        cell.dtype,
        quantity,
        kind,
        status,
        known,
        reason.change,
        reason,
        b is not None and status in FAILURES,
        _extent(a),
        _extent(b),
        (b or a or {})["id"],
    )


def _extent(finding: Mapping[str, Any] | None) -> tuple[int, float]:
    if finding is None:
        return 0, 0.0
    return finding["count"], figure(finding["ratio"][0])


def compare_known(
    old: Side, new: Side, pair: Pair, grounds: tuple[str, ...]
) -> Iterator[KnownChange]:
    """Yield what became of each pinned witness of a pair of backends."""
    before, after = _pinned(old, pair.old), _pinned(new, pair.new)
    for key in sorted(before.keys() | after.keys()):
        a, b = before.get(key, ""), after.get(key, "")
        change, text = _witness(a, b)
        if grounds and a and b:
            change, text = Change.NOT_COMPARABLE, grounds[0]
        yield KnownChange(key[0], pair, key[1], change, text, b == _STALE)


_FAILS: Final = "fails"
_STALE: Final = "conforms: the entry must be removed"
_ELSEWHERE: Final = "conforms; it was measured on other versions"
_LISTS: Final = {"confirmed": _FAILS, "stale": _STALE, "elsewhere": _ELSEWHERE}


def _pinned(side: Side, backend: str) -> dict[tuple[str, str], str]:
    """Return `(known finding, dtype)` → what its witness does on a backend."""
    return {
        (entry["id"], dtype): state
        for entry in side.run["known"]
        for name, state in _LISTS.items()
        for where, dtype in entry[name]
        if where == backend
    }


def _witness(old: str, new: str) -> tuple[Change, str]:
    if not old:
        return Change.NEW, f"not listed or not asked for in OLD; its witness {new}"
    if not new:
        return Change.MISSING, "not listed or not asked for in NEW"
    if (old == _FAILS) == (new == _FAILS):
        return Change.SAME, f"its witness {new}"
    change = Change.WORSE if new == _FAILS else Change.BETTER
    return change, f"its witness {new}"
