"""Plots with a point for each case: its error against bound, size and logit gap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from conformance.cells import figure
from conformance.writers.html.charts import Chart, Mark
from conformance.writers.html.sample import choose, measured, status
from conformance.writers.html.scales import Scale
from conformance.writers.html.theme import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from conformance.points import Point
    from conformance.writers.html.charts import Place

_CLASSES: Final = 12
"""Classes of size or gap at most, for each of which the largest bound is drawn."""

_ORDER: Final = ("mute", "good", "known", "odd", "warn", "bad")
"""Tones of points in the order of painting: what matters most lies on top."""


def against_bound(points: Sequence[Point]) -> Chart | None:
    """Return error against bound with the line on which they are equal."""
    found = measured(points)
    if not found:
        return None
    shown = choose(found)
    x, y = Scale.of(map(_bound, shown)), Scale.of(map(_error, shown))
    along, up = x.axis("bound"), y.axis("error")
    low, high = max(x.low, y.low), min(x.high, y.high)
    equal = (Mark("limit", ((low, low), (high, high))),) if low < high else ()
    text = (
        f"Error against bound of {len(shown)} cases, both logarithmic: {_told(shown)}. "
        f"On the line they are equal."
    )
    marks = _marks(shown, lambda p: (x.place(_bound(p)), y.place(_error(p))))
    note = f"On the line they are equal. {_number_shown(shown, found)}"
    return Chart("error against bound", text, along, up, lines=equal, points=marks,
                 note=note)  # fmt: skip


def against_size(points: Sequence[Point]) -> Chart | None:
    """Return error against the number of elements, with the largest bounds."""
    return _against("size", "elements of the input", points, lambda p: float(p.size))


def against_gap(points: Sequence[Point]) -> Chart | None:
    """Return error against the widest logit gap of a row, with the largest bounds."""
    return _against("logit gap", "widest logit gap of a row", points, lambda p: p.gap)


def _against(
    what: str,
    label: str,
    points: Sequence[Point],
    measure: Callable[[Point], float],
) -> Chart | None:
    found = measured(points)
    if not found:
        return None
    shown = choose(found)
    x = Scale.of(map(measure, found))
    y = Scale.of((*map(_error, shown), *map(_bound, found)))
    classes = _classes(found, lambda p: x.span(measure(p), _CLASSES))
    lines = (
        *(Mark("bound", stairs) for stairs in _stairs(classes, y, _bound)),
        *(Mark("largest", stairs) for stairs in _stairs(classes, y, _error)),
    )
    text = (
        f"Error against {what} of {len(shown)} cases, both logarithmic: "
        f"{_told(shown)}. Lines give the largest bound and the largest error."
    )
    marks = _marks(shown, lambda p: (x.place(measure(p)), y.place(_error(p))))
    note = (
        "Lines: the largest bound (solid) and the largest error (dashed) found. "
        f"{_number_shown(shown, found)}"
    )
    return Chart(f"error against {what}", text, x.axis(label), y.axis("error"),
                 lines=lines, points=marks, note=note)  # fmt: skip


def _classes(
    points: Iterable[Point], span: Callable[[Point], Place]
) -> list[tuple[Place, list[Point]]]:
    """Return the ends of each class that has points, and its points, in order."""
    groups: dict[Place, list[Point]] = {}
    for point in points:
        groups.setdefault(span(point), []).append(point)
    return sorted(groups.items(), key=lambda item: item[0])


def _stairs(
    classes: Iterable[tuple[Place, list[Point]]],
    y: Scale,
    measure: Callable[[Point], float],
) -> list[tuple[Place, ...]]:
    """Return the corners of a line over the classes; it breaks where one is empty."""
    lines: list[tuple[Place, ...]] = []
    end = math.nan
    for (low, high), points in classes:
        place = y.place(max(map(measure, points)))
        step = (low, place), (high, place)
        if low == end:
            lines[-1] += step
        else:
            lines.append(step)
        end = high
    return lines


def _marks(
    points: Iterable[Point], place: Callable[[Point], Place]
) -> tuple[Mark, ...]:
    groups: dict[str, list[Place]] = {}
    for point in points:
        groups.setdefault(look(status(point)).tone, []).append(place(point))
    return tuple(Mark(tone, tuple(groups[tone])) for tone in _ORDER if tone in groups)


def _told(points: Iterable[Point]) -> str:
    counts: dict[str, int] = {}
    for point in points:
        counts[status(point)] = counts.get(status(point), 0) + 1
    return ", ".join(f"{n} {s}" for s, n in sorted(counts.items()))


def _number_shown(shown: Sequence[Point], found: Sequence[Point]) -> str:
    if len(shown) == len(found):
        return f"{len(found)} cases."
    return (
        f"{len(shown)} of {len(found)} cases: failures, the largest ratios, a sample."
    )


def _error(point: Point) -> float:
    return figure(point.error)


def _bound(point: Point) -> float:
    return figure(point.bound)
