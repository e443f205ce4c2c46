"""What a comparison of two runs says, as data; how it is shown is for the writers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from conformance.cells import NOTHING, Worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN: Final = 8
"""Case ids that are kept of those that show one thing; all of them are counted."""


class Change(StrEnum):
    """What became of a cell, a finding or a requirement; the gravest comes first."""

    WORSE = "worse"
    MISSING = "missing"
    DRIFT = "drift"
    NOT_COMPARABLE = "not comparable"
    BETTER = "better"
    NEW = "new"
    SAME = "same"


@dataclass(frozen=True)
class Reason:
    """One thing that was seen.

    Attributes:
        change: What it makes of the cell, if nothing graver is seen.
        text: What was seen, in words.
        cases: The first `SHOWN` cases that show it, by id.
        count: How many cases show it.
    """

    change: Change
    text: str
    cases: tuple[str, ...] = ()
    count: int = 0

    @classmethod
    def shown(cls, change: Change, text: str, cases: Iterable[str]) -> Reason:
        """Return the reason that all of `cases` show."""
        ids = sorted(cases)
        return cls(change, text, tuple(ids[:SHOWN]), len(ids))


def gravest(changes: Iterable[Change]) -> Change:
    """Return the gravest of `changes`; without any, all is the same.

    >>> str(gravest([Change.NEW, Change.DRIFT]))
    'drift'
    """
    order = list(Change)
    return min(changes, key=order.index, default=Change.SAME)


class Pair(NamedTuple):
    """A backend of the old run and the one of the new run that it is held against."""

    old: str
    new: str

    @property
    def name(self) -> str:
        """Return the name, or both if they differ."""
        if self.old and self.new and self.old != self.new:
            return f"{self.old} → {self.new}"
        return self.new or self.old


@dataclass(frozen=True)
class Figures:
    """Error/bound of the cases that both runs have.

    Attributes:
        paired: Cases in both.
        altered: Those with another error/bound.
        grown: How many of them have a larger one.
        typical: The median of new/old among `altered`; 1 if there are none.
        chance: How likely so many would grow by chance, at most; see `drift`.
        old: The largest of the old run, with its case.
        new: The largest of the new run, with its case.
        excused: Cases that show a known finding in either run.
        rest: The largest of the old run and of the new one in all other cases.
    """

    paired: int = 0
    altered: int = 0
    grown: int = 0
    typical: float = 1.0
    chance: float = 1.0
    old: Worst = NOTHING
    new: Worst = NOTHING
    excused: int = 0
    rest: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class CellChange:
    """A backend, a loss and a storage format in both runs.

    Attributes:
        pair: The backends; one of them is empty if only one run has the cell.
        loss: The loss.
        dtype: The storage format.
        change: The gravest of `reasons`.
        reasons: What was seen.
        old: Its standing in the old run, or empty.
        new: Its standing in the new run, or empty.
        figures: Of the cases in both; None if they cannot be compared.
    """

    pair: Pair
    loss: str
    dtype: str
    change: Change
    reasons: tuple[Reason, ...]
    old: str
    new: str
    figures: Figures | None = None


@dataclass(frozen=True)
class FindingChange:
    """A finding of either run.

    Attributes:
        pair: The backends.
        loss: The loss.
        dtype: The storage format.
        quantity: What departs.
        kind: How.
        status: Its status in the new run, or in the old one if it is gone.
        known: The id of the known finding that excuses it there, or empty.
        change: What became of it.
        reason: Why that is said.
        fails: Does it make the new run fail?
        old: Verdicts of it in the old run, and the largest error/bound.
        new: The same of the new run.
        id: What `replay` calls it, in the run that `status` is of.
        detail: What its witness tells besides numbers, such as an exception.
    """

    pair: Pair
    loss: str
    dtype: str
    quantity: str
    kind: str
    status: str
    known: str
    change: Change
    reason: Reason
    fails: bool
    old: tuple[int, float]
    new: tuple[int, float]
    id: str
    detail: str


@dataclass(frozen=True)
class KnownChange:
    """The pinned witness of a known finding on one backend in one storage format.

    Attributes:
        id: The known finding.
        pair: The backends.
        dtype: The storage format.
        change: What became of it.
        reason: Why that is said.
        stale: Must the entry be removed, because the new run shows it fixed?
    """

    id: str
    pair: Pair
    dtype: str
    change: Change
    reason: str
    stale: bool


@dataclass(frozen=True)
class RequirementChange:
    """A requirement on one backend in one storage format.

    Attributes:
        id: The requirement.
        pair: The backends.
        dtype: The storage format.
        change: What became of it.
        reason: Why that is said.
    """

    id: str
    pair: Pair
    dtype: str
    change: Change
    reason: str


@dataclass(frozen=True)
class Comparison:
    """All that is said of two runs.

    Attributes:
        old: The head of the old run: versions, profile, seed.
        new: The head of the new run.
        factor: Growth of error/bound from which on it is drift.
        pairs: The backends that were held against each other.
        grounds: Why no case of the two runs can be compared; empty if they can.
        remarks: What a reader must know of how the runs were paired.
        unfinished: Why the new run is incomplete; empty if it is not.
        cells: Every cell of either run.
        findings: Every finding of either run.
        known: Every pinned witness of either run.
        requirements: Every requirement of either run.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    factor: float
    pairs: tuple[Pair, ...]
    grounds: tuple[str, ...]
    remarks: tuple[str, ...]
    unfinished: tuple[str, ...]
    cells: tuple[CellChange, ...]
    findings: tuple[FindingChange, ...]
    known: tuple[KnownChange, ...]
    requirements: tuple[RequirementChange, ...]
