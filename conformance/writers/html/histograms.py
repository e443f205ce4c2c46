"""Histograms of a cell: of error/bound, and of units in the last place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from conformance.cells import RATIO_EDGES, ULP_EDGES
from conformance.explain import number
from conformance.writers.html.charts import Axis, Chart, Mark
from conformance.writers.html.scales import power, raised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FOOT: Final = -0.3
"""Where bars begin on the logarithmic axis, so that a single verdict is seen."""

_FEWEST_BINS: Final = 8
_MOST_TICKS: Final = 5
_MOST_STEPS: Final = 8
_LARGE: Final = 1000


def ratios(cell: Mapping[str, Any]) -> Chart | None:
    """Return the histogram of error/bound, or None if nothing was measured."""
    bins = cell["ratio_bins"]
    if not any(bins):
        return None
    one = RATIO_EDGES.index(1.0)
    beyond = sum(bins[one + 1 :])
    text = (
        f"Histogram of error/bound of {sum(bins)} verdicts: {bins[0]} have no error, "
        f"{beyond} are beyond their bound, the largest is {number(cell['ratio'][0])}."
    )
    return Chart(
        "error/bound",
        text,
        _steps(RATIO_EDGES, len(bins), every=2),
        _counts(bins),
        bars=_bars(bins, one),
        lines=(Mark("limit", ((one + 0.5, _FOOT), (one + 0.5, _top(bins)))),),
        note="Right of the line is beyond the bound.",
    )


def ulps(cell: Mapping[str, Any]) -> Chart | None:
    """Return the histogram of errors in ulp, or None if nothing was measured."""
    bins = cell["ulp_bins"]
    if not any(bins):
        return None
    last = max(i for i, n in enumerate(bins) if n)
    shown = bins[: min(len(bins), max(last + 2, _FEWEST_BINS))]
    half = ULP_EDGES.index(0.5)
    text = (
        f"Histogram of the largest error of {sum(bins)} verdicts on values and "
        f"gradients in units in the last place: {sum(bins[: half + 1])} are within "
        f"half a unit, the largest has {number(cell['ulps'][0])}."
    )
    every = math.ceil(len(shown) / _MOST_STEPS)
    return Chart(
        "error in ulp",
        text,
        _steps(ULP_EDGES, len(shown), every=every),
        _counts(bins),
        bars=_bars(shown, len(shown)),
        note="In units in the last place of the storage format; no criterion.",
    )


def _bars(bins: Sequence[int], limit: int) -> tuple[Mark, ...]:
    tall = [(float(i), math.log10(n)) for i, n in enumerate(bins) if n]
    within = tuple(place for place in tall if place[0] <= limit)
    beyond = tuple(place for place in tall if place[0] > limit)
    found = (Mark("good", within), Mark("bad", beyond))
    return tuple(mark for mark in found if mark.places)


def _steps(edges: Sequence[float], shown: int, *, every: int) -> Axis:
    """Return the axis of bins that end at `edges`; the first holds what is 0."""
    ends = range(1, min(shown, len(edges)), every)
    ticks = [(0.0, "0"), *((i + 0.5, _edge(edges[i])) for i in ends)]
    if shown > len(edges):
        # Room for the last bin, which holds all that is larger.
        ticks = [tick for tick in ticks if tick[0] < shown - 2.5]
        ticks.append((shown - 1.0, f">{_edge(edges[-1])}"))
    return Axis("up to", -0.7, shown - 0.3, tuple(ticks))


def _edge(edge: float) -> str:
    """Return the end of a bin, a power of two, as text.

    >>> _edge(0.25), _edge(8.0), _edge(8192.0)
    ('1/4', '8', '2¹³')
    """
    if edge < 1:
        return f"1/{1 / edge:.0f}"
    return f"{edge:.0f}" if edge < _LARGE else f"2{raised(int(math.log2(edge)))}"


def _counts(bins: Sequence[int]) -> Axis:
    high = math.ceil(_top(bins))
    every = max(1, math.ceil(high / _MOST_TICKS))
    ticks = tuple((float(k), power(k)) for k in range(0, high + 1, every))
    return Axis("verdicts", _FOOT, _top(bins), ticks)


def _top(bins: Sequence[int]) -> float:
    return math.log10(max(bins)) + 0.15
