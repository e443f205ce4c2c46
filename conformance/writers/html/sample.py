"""Which of a cell's cases a plot shows, when there are too many for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.cells import figure
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.points import Point

MOST: Final = 500
"""Points of one plot."""

_GRAVITY: Final = {str(status): rank for rank, status in enumerate(Status)}
_TOLD: Final = ("value", "gradient", "derivative")
_HARMLESS: Final = frozenset({Status.VACUOUS, Status.UNSUPPORTED})


def measured(points: Iterable[Point]) -> list[Point]:
    """Return the points that have a figure."""
    return [p for p in points if p.ratio >= 0]


def status(point: Point) -> str:
    """Return the gravest status of what the figures of `point` are about.

    That a relation or a form fails says nothing about an error beside its bound.
    """
    told = (s for q, s in point.departs.items() if q.startswith(_TOLD))
    return max(told, key=lambda s: _GRAVITY.get(s, 0), default=str(Status.CONFORMS))


def choose(points: Sequence[Point], most: int = MOST) -> list[Point]:
    """Return at most `most` of `points`, the same whatever their order.

    All failures that no known finding covers come first; half of what is left goes to
    other departures, a quarter to the largest error/bound, and the rest to points
    spread evenly over the bounds.
    """
    left = sorted(points, key=lambda p: (-figure(p.ratio), p.case))
    if len(left) <= most:
        return left
    chosen = [p for p in left if status(p) in FAILURES][:most]
    chosen += _others(left)[: (most - len(chosen)) // 2]
    taken = {p.case for p in chosen}
    left = [p for p in left if p.case not in taken]
    largest = (most - len(chosen)) // 2
    chosen += left[:largest]
    return chosen + _spread(left[largest:], most - len(chosen))


def _others(points: Sequence[Point]) -> list[Point]:
    plain = FAILURES | _HARMLESS | {Status.CONFORMS}
    return [p for p in points if status(p) not in plain]


def _spread(points: Sequence[Point], count: int) -> list[Point]:
    ordered = sorted(points, key=lambda p: (figure(p.bound), p.case))
    if len(ordered) <= count:
        return ordered
    return [ordered[i * len(ordered) // count] for i in range(count)]
