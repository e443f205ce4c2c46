"""A plot of many cases shows those that matter, whatever their order."""

from __future__ import annotations

import pytest

from conformance.points import Point
from conformance.writers.html.sample import choose, measured, status


def point(name: str, ratio: float, bound: float = 1.0, **departs: str) -> Point:
    """Return a point of one case."""
    return Point(name, ratio, ratio * bound, bound, 3, 0.0, departs)


def crowd(count: int) -> list[Point]:
    """Return `count` conforming points over ten powers of ten of bounds."""
    return [point(f"{i:04}", i % 97 / 100, 10.0 ** (i % 10 - 5)) for i in range(count)]


def test_all_are_shown_where_they_fit() -> None:
    """As many points as a plot may have are not thinned."""
    points = crowd(500)
    assert sorted(choose(points)) == sorted(points)


def test_every_failure_is_shown() -> None:
    """Failures that no known finding covers come before all else."""
    bad = [point(f"b{i}", 2.0 + i, value="violates") for i in range(40)]
    chosen = choose([*crowd(3000), *bad], 50)
    assert len(chosen) == 50
    assert {p.case for p in bad} <= {p.case for p in chosen}


def test_known_failures_leave_room_for_the_rest() -> None:
    """Half of the plot at most goes to known failures; the largest ratio is there."""
    known = [point(f"k{i}", 5.0 + i, value="known") for i in range(600)]
    chosen = choose([*crowd(3000), *known], 100)
    assert len(chosen) == 100
    assert sum(status(p) == "conforms" for p in chosen) >= 20
    assert max(known, key=lambda p: p.ratio) in chosen


def test_the_rest_is_spread_over_the_bounds() -> None:
    """Each power of ten of the bound that occurs is shown."""
    chosen = choose(crowd(3000), 100)
    assert {p.bound for p in chosen} == {p.bound for p in crowd(3000)}


@pytest.mark.parametrize("most", [1, 7, 100])
def test_the_order_of_the_points_does_not_matter(most: int) -> None:
    """The same cases are chosen, no more than asked for, and none twice."""
    points = [*crowd(300), *(point(f"k{i}", 5.0, value="known") for i in range(30))]
    mixed = points[::-7] + [p for i, p in enumerate(points[::-1]) if i % 7]
    assert sorted(mixed) == sorted(points) != mixed
    chosen = choose(points, most)
    assert chosen == choose(mixed, most)
    assert len({p.case for p in chosen}) == len(chosen) == most


def test_a_point_is_marked_by_what_its_figures_are_about() -> None:
    """A relation or a form that fails does not mark an error within its bound."""
    assert status(point("a", 0.5, **{"relation.shift": "violates"})) == "conforms"
    assert status(point("a", 2.0, value="known", **{"gradient.input": "violates"})) == (
        "violates"
    )


def test_what_has_no_figure_is_not_plotted() -> None:
    """A case without an error has no place in a plot of errors."""
    assert measured([point("a", -1.0), point("b", 0.0)]) == [point("b", 0.0)]
