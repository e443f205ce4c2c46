"""Every figure has a place on an axis, in the order of the figures."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conformance.writers.html.scales import Scale

FIGURES = st.floats(min_value=0, allow_infinity=True, allow_nan=False)


@given(st.lists(FIGURES, min_size=1, max_size=40))
def test_places_are_ordered_and_on_the_axis(figures: list[float]) -> None:
    """A larger figure never stands left of a smaller one, and none is off the axis."""
    scale = Scale.of(figures)
    axis = scale.axis("error")
    places = [scale.place(f) for f in sorted(figures)]
    assert places == sorted(places)
    assert axis.low < places[0]
    assert places[-1] < axis.high


@given(st.lists(FIGURES, min_size=1, max_size=40))
def test_what_is_not_on_the_scale_has_a_tick_of_its_own(figures: list[float]) -> None:
    """Zero, infinity and figures beyond the ends stand where a tick says so."""
    scale = Scale.of(figures)
    ticks = dict(scale.axis("error").ticks)
    for figure in figures:
        place = scale.place(figure)
        if not scale.low <= place <= scale.high:
            assert ticks[place] in {"0", "∞"} or ticks[place][0] in "<>"
        else:
            assert place == math.log10(figure)


@given(st.lists(FIGURES, min_size=1, max_size=40), st.integers(1, 20))
def test_a_figure_is_in_its_class(figures: list[float], classes: int) -> None:
    """The ends of a class enclose every figure in it, and classes do not overlap."""
    scale = Scale.of(figures)
    spans = sorted({scale.span(f, classes) for f in figures})
    for figure in figures:
        low, high = scale.span(figure, classes)
        assert low - 1e-9 <= scale.place(figure) <= high + 1e-9
    assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(spans))


def test_ticks_are_few_and_in_order() -> None:
    """However wide the scale, its ticks can be read."""
    for low, high in ((-324, 308), (0, 1), (-5, 3), (-46, -44)):
        axis = Scale(low, high, "0", "∞").axis("error")
        places = [place for place, _ in axis.ticks]
        assert places == sorted(set(places))
        assert 3 <= len(places) <= 9


def test_a_few_figures_far_away_do_not_squeeze_the_others() -> None:
    """They stand at the ends, so that most of the axis is there for most figures."""
    near = [1e-3 * k for k in range(1, 100)]
    scale = Scale.of([1e-300, *near, 1e300])
    assert (scale.low, scale.high) == (-3, -1)
    assert (scale.under, scale.over) == ("<0.001", ">0.1")
    assert scale.place(math.nan) == scale.place(1e300) > scale.place(0.09)
