"""Histograms show every verdict, and where the bound is."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from conformance.cells import RATIO_EDGES, ULP_EDGES, Cell
from conformance.writers.html import histograms


def cell(**bins: list[int]) -> dict[str, Any]:
    """Return a cell with these histograms."""
    return Cell().to_json() | bins


def filled(edges: tuple[float, ...], **counts: int) -> list[int]:
    """Return a histogram with `counts` at the bins `b0`, `b1`, … and `last`."""
    bins = [0] * (len(edges) + 1)
    for name, count in counts.items():
        bins[-1 if name == "last" else int(name[1:])] = count
    return bins


def test_nothing_measured_gives_no_histogram() -> None:
    """An empty cell has nothing to plot."""
    assert histograms.ratios(cell()) is None
    assert histograms.ulps(cell()) is None


def test_bars_beyond_the_bound_are_told_apart() -> None:
    """The bin that ends at 1 is within, the next one is beyond."""
    one = RATIO_EDGES.index(1.0)
    bins = filled(RATIO_EDGES, b0=5, **{f"b{one}": 10, f"b{one + 1}": 2, "last": 1})
    chart = histograms.ratios(cell(ratio_bins=bins))
    assert chart is not None
    places = {mark.role: [x for x, _ in mark.places] for mark in chart.bars}
    assert places == {"good": [0, one], "bad": [one + 1, len(bins) - 1]}
    (line,) = chart.lines
    assert {x for x, _ in line.places} == {one + 0.5}
    assert "of 18 verdicts: 5 have no error, 3 are beyond their bound" in chart.text


def test_bars_stand_inside_the_axes() -> None:
    """A single verdict is seen, and the tallest bar ends below the top."""
    bins = filled(RATIO_EDGES, b0=100_000, b3=1)
    chart = histograms.ratios(cell(ratio_bins=bins))
    assert chart is not None
    tops = [top for mark in chart.bars for _, top in mark.places]
    assert chart.y.low < min(tops)
    assert max(tops) < chart.y.high
    assert [text for _, text in chart.y.ticks][:2] == ["1", "100"] or len(tops) == 2


def test_ulps_are_shown_as_far_as_there_are_some() -> None:
    """Empty bins beyond the last verdict are left out, but for one."""
    near = histograms.ulps(cell(ulp_bins=filled(ULP_EDGES, b0=1)))
    far = histograms.ulps(cell(ulp_bins=filled(ULP_EDGES, b0=1, last=2)))
    assert near is not None
    assert far is not None
    assert near.x.high < far.x.high
    assert far.x.ticks[-1] == (len(ULP_EDGES), ">2¹⁹")
    places = [place for place, _ in far.x.ticks]
    assert all(b - a > 1 for a, b in pairwise(places))
