"""Plots with a point for each case put it where its figures say."""

from __future__ import annotations

import math

import pytest

from conformance.points import Point
from conformance.writers.html import scatters

PLOTS = (scatters.against_bound, scatters.against_size, scatters.against_gap)


def point(case: str, error: float, bound: float, size: int = 4, gap: float = 1.0,
          **departs: str) -> Point:  # fmt: skip
    """Return a point with these figures."""
    ratio = error / bound if bound else math.inf if error else 0.0
    return Point(case, ratio, error, bound, size, gap, departs)


@pytest.mark.parametrize("plot", PLOTS)
def test_without_figures_there_is_no_plot(plot: object) -> None:
    """No case, or none with an error, gives nothing to show."""
    assert plot([]) is None  # type: ignore[operator]
    assert plot([Point("a", -1.0, 0.0, 0.0, 3, 0.0, {})]) is None  # type: ignore[operator]


def test_equal_figures_stand_on_the_line() -> None:
    """The line has slope 1: above it is beyond the bound."""
    chart = scatters.against_bound(
        [
            point("a", 1e-6, 1e-6),
            point("b", 1e-5, 1e-7, value="violates"),
            point("c", 1e-9, 1e-4),
        ]
    )
    assert chart is not None
    (line,) = chart.lines
    assert all(along == up for along, up in line.places)
    places = {mark.role: set(mark.places) for mark in chart.points}
    assert places == {"good": {(-6, -6), (-4, -9)}, "bad": {(-7, -5)}}
    assert "3 cases" in chart.text
    assert "2 conforms, 1 violates" in chart.text


def test_what_matters_most_lies_on_top() -> None:
    """Failures are drawn after known ones, and these after what conforms."""
    chart = scatters.against_bound(
        [
            point("a", 2.0, 1.0, value="violates"),
            point("b", 2.0, 1.0, value="known"),
            point("c", 0.5, 1.0),
            point("d", 0.5, 1.0, value="vacuous"),
        ]
    )
    assert chart is not None
    assert [mark.role for mark in chart.points] == ["mute", "good", "known", "bad"]


def test_zeros_and_infinities_have_places() -> None:
    """No error, no bound and no end are shown at the ends of the axes."""
    chart = scatters.against_bound(
        [point("a", 0.0, 0.0), point("b", math.inf, 1e-3), point("c", 1e-5, math.inf)]
    )
    assert chart is not None
    ticks = {text for axis in (chart.x, chart.y) for _, text in axis.ticks}
    assert {"0", "∞"} <= ticks
    for mark in chart.points:
        for along, up in mark.places:
            assert chart.x.low < along < chart.x.high
            assert chart.y.low < up < chart.y.high


def test_the_curve_is_the_largest_bound_of_each_class() -> None:
    """It goes over every point's bound, and breaks where there is no size."""
    points = [point("a", 1e-8, 1e-7, 10), point("b", 1e-8, 1e-6, 10)]
    points.append(point("c", 1e-8, 1e-5, 10_000))
    chart = scatters.against_size(points)
    assert chart is not None
    bounds = [mark.places for mark in chart.lines if mark.role == "bound"]
    assert [{up for _, up in places} for places in bounds] == [{-6.0}, {-5.0}]
    for places, place in zip(bounds, (1, 4), strict=True):
        assert places[0][0] <= place <= places[-1][0]
    errors = [mark.places for mark in chart.lines if mark.role == "largest"]
    assert all(up == -8 for places in errors for _, up in places)


def test_neighbouring_classes_are_joined() -> None:
    """Where each class has a case, the curve is one line."""
    points = [point(f"{n}", 1e-8, 1e-6, n) for n in range(1, 2000)]
    chart = scatters.against_size(points)
    assert chart is not None
    assert len(chart.lines) == 2 + 2 * _gaps(chart.lines)
    assert "500 of 1999 cases" in chart.note


def _gaps(lines: object) -> int:
    ends = [mark.places for mark in lines if mark.role == "bound"]  # type: ignore[attr-defined]
    return len(ends) - 1
