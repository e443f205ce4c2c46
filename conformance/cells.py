"""The figures of one cell of the summary table: a backend, a loss, a storage format."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.verdict import Verdict

RATIO_EDGES: Final = (0.0, *(2.0**k for k in range(-6, 7)))
"""Upper ends of the histogram of error/bound; one more bin takes what is larger."""

ULP_EDGES: Final = (0.0, 0.5, *(2.0**k for k in range(20)))
"""Upper ends of the histogram of errors in ulp; one more bin takes what is larger."""

RESOLUTION_EDGES: Final = (0.0, *(2.0**k for k in range(-52, 1)))
"""Upper ends of the histogram of bound/|exact|; one more bin takes what is larger."""

COARSE: Final = 0.5
"""From here on a bound leaves not one significant bit of a result to be checked."""

_NUMERIC: Final = ("value", "gradient", "derivative")


class Worst(NamedTuple):
    """The largest figure found and the id of the case that gave it."""

    figure: float = 0.0
    case: str = ""


NOTHING: Final = Worst()


class Scored(NamedTuple):
    """One verdict after known findings were set aside.

    Attributes:
        verdict: As judged.
        status: `known` if a known finding covers a failure, else the verdict's own.
        known: The id of that known finding, or empty.
        wide: The status of the same comparison under contract `wide`.
        requirements: Ids of the requirements it is evidence for.
    """

    verdict: Verdict
    status: Status
    known: str
    wide: Status
    requirements: tuple[str, ...]


def numeric(verdict: Verdict) -> bool:
    """Is the verdict about a value or a derivative, rather than a form?"""
    return verdict.quantity.startswith(_NUMERIC)


def figure(value: float) -> float:
    """Return `value`, or infinity for NaN: what nobody could compute is not small."""
    return math.inf if math.isnan(value) else float(value)


def _bins(edges: tuple[float, ...]) -> list[int]:
    return [0] * (len(edges) + 1)


# Mutable on purpose: a unit adds some ten thousand verdicts to it.
@dataclass
class Cell:
    """Counts and largest figures; merging is commutative and associative.

    Attributes:
        cases: Cases run.
        elements: Elements judged in values and gradients.
        counts: Status → verdicts.
        wide: The same under contract `wide`.
        skipped: Reason → cases the backend said it cannot run.
        ratio: Largest error/bound found.
        ulps: Largest error in ulp found in values and gradients.
        measured: Elements these figures are about.
        rounded: How many of them are correctly rounded.
        judged: Cases with a verdict on a value or a gradient.
        weak: How many of them zeros would have passed too.
        ratio_bins: Verdicts by error/bound, see `RATIO_EDGES`.
        ulp_bins: Verdicts by error in ulp, see `ULP_EDGES`.
        resolution_bins: Verdicts by bound/|exact|, see `RESOLUTION_EDGES`.
    """

    cases: int = 0
    elements: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    wide: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    ratio: Worst = NOTHING
    ulps: Worst = NOTHING
    measured: int = 0
    rounded: int = 0
    judged: int = 0
    weak: int = 0
    ratio_bins: list[int] = field(default_factory=lambda: _bins(RATIO_EDGES))
    ulp_bins: list[int] = field(default_factory=lambda: _bins(ULP_EDGES))
    resolution_bins: list[int] = field(default_factory=lambda: _bins(RESOLUTION_EDGES))

    def add(self, case_id: str, verdicts: Iterable[Scored]) -> None:
        """Count one case and all its verdicts."""
        self.cases += 1
        weak = [self._count(case_id, s) for s in verdicts if numeric(s.verdict)]
        self.judged += bool(weak)
        self.weak += bool(weak) and all(weak)
        for scored in verdicts:
            self.counts[str(scored.status)] += 1
            self.wide[str(scored.wide)] += 1

    def _count(self, case_id: str, scored: Scored) -> bool:
        verdict = scored.verdict
        self.elements += verdict.elements
        if verdict.measured:
            ratio, ulps = figure(verdict.ratio), figure(verdict.ulps)
            self.measured += verdict.measured
            self.rounded += verdict.rounded
            self.ratio = max(self.ratio, Worst(ratio, case_id))
            self.ratio_bins[bisect_left(RATIO_EDGES, ratio)] += 1
            at = bisect_left(RESOLUTION_EDGES, verdict.resolution)
            self.resolution_bins[at] += 1
            # H v and J v are often 0 by cancellation; an ulp of that says nothing.
            if not verdict.quantity.startswith("derivative"):
                self.ulps = max(self.ulps, Worst(ulps, case_id))
                self.ulp_bins[bisect_left(ULP_EDGES, ulps)] += 1
        return verdict.weak

    def merge(self, other: Self) -> None:
        """Add the counts of `other`."""
        for name in ("cases", "elements", "measured", "rounded", "judged", "weak"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("counts", "wide", "skipped"):
            getattr(self, name).update(getattr(other, name))
        for name in ("ratio", "ulps"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        for name in ("ratio_bins", "ulp_bins", "resolution_bins"):
            pairs = zip(getattr(self, name), getattr(other, name), strict=True)
            setattr(self, name, [a + b for a, b in pairs])

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        data = dict(vars(self))
        for name in ("counts", "wide", "skipped"):
            data[name] = dict(data[name])
        return data | {"ratio": list(self.ratio), "ulps": list(self.ulps)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the cell that `to_json` described."""
        fields = dict(data)
        for name in ("counts", "wide", "skipped"):
            fields[name] = Counter(fields[name])
        for name in ("ratio", "ulps"):
            fields[name] = Worst(*fields[name])
        return cls(**fields)


def standing(cell: Mapping[str, Any]) -> str:
    """Return the word for the table's status column: the worst that was found."""
    counts = cell["counts"]
    for status in (*_BAD_FIRST, Status.KNOWN):
        if counts.get(str(status)):
            known = f" ({counts[str(status)]})" if status is Status.KNOWN else ""
            return f"{status}{known}"
    if not counts.get(str(Status.CONFORMS)):
        return str(Status.VACUOUS) if counts else "not run"
    weak = 2 * cell["weak"] > cell["judged"]
    return "coarse" if weak or resolution(cell) > COARSE else str(Status.CONFORMS)


def resolution(cell: Mapping[str, Any]) -> float:
    """Return the median of bound/|exact| over the verdicts of a cell, rounded up.

    To a power of two, and to infinity above 1. 0 if no verdict was measured.
    """
    # A run file of an earlier version has none.
    bins = cell.get("resolution_bins") or _bins(RESOLUTION_EDGES)
    middle, seen = sum(bins) / 2, 0
    for edge, count in zip((*RESOLUTION_EDGES, math.inf), bins, strict=True):
        seen += count
        if seen >= middle:
            return edge
    return 0.0


_BAD_FIRST: Final = (
    Status.VIOLATES,
    Status.WRONG_CLASS,
    Status.ERROR,
    Status.ACCEPTED_INVALID,
    Status.INCONCLUSIVE,
    Status.SUSPECT,
)
