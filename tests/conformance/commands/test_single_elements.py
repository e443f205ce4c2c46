"""Few of many elements are picked as a look at all of them would."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from conformance.commands.elements import classes, extremes, part, rounded
from reference import FORMATS, Enclosure
from reference.element import Element
from reference.remainder import Remainder, from_fraction

VALUES = st.one_of(
    st.integers(-3, 3).map(Fraction),
    st.fractions(),
    st.floats(allow_nan=False).map(lambda v: Fraction(v) if math.isfinite(v) else v),
    st.integers(-4, 4).map(lambda n: 1 + Fraction(n, 2**55)),
    st.integers(-4, 4).map(lambda n: 1 + Fraction(n, 2**90)),
    st.just(math.nan),
)


def enclosure(values: list[Fraction | float]) -> Enclosure:
    """Return exact values as an enclosure."""
    items = [
        Element(v) if isinstance(v, Fraction) else Element(special=v) for v in values
    ]
    return Enclosure((len(items),), lambda _precision: items)


@given(st.lists(VALUES))
def test_extremes_are_those_of_the_exact_numbers(
    values: list[Fraction | float],
) -> None:
    """The places hold the least and the greatest number, however close others are."""
    numbers = [v for v in values if isinstance(v, Fraction)]
    found = extremes(enclosure(values))
    if not numbers:
        assert found is None
        return
    assert found is not None
    for place, best in zip(found, (min(numbers), max(numbers)), strict=True):
        got = values[place]
        assert isinstance(got, Fraction)
        beyond = abs(best) >= 2**1024 - 2**970  # there float64 tells none apart
        assert beyond or abs(got - best) <= abs(best) * Fraction(1, 2**104)


@given(st.lists(VALUES))
def test_special_elements_are_counted(values: list[Fraction | float]) -> None:
    """Every nan and infinity is counted, and nothing else."""
    special = [v for v in values if isinstance(v, float)]
    expected = {
        "nan": sum(math.isnan(v) for v in special),
        "inf": special.count(math.inf),
        "-inf": special.count(-math.inf),
    }
    assert classes(enclosure(values)) == {k: n for k, n in expected.items() if n}


@given(st.lists(VALUES, min_size=1), st.sampled_from(sorted(FORMATS)))
def test_one_element_is_rounded_as_all_are(
    values: list[Fraction | float], name: str
) -> None:
    """Rounding a single element gives what rounding the whole gives there."""
    exact = enclosure(values)
    whole = exact.round_to(name).astype(float)
    for place in range(len(values)):
        got = rounded(exact, place, name)
        assert isinstance(got, float)
        assert np.array_equal(got, whole[place], equal_nan=True)


def test_a_part_encloses_what_the_whole_does() -> None:
    """An element alone has the bounds that it has among the others."""
    exact = reference.cross_entropy([[0, -6], [1, 2]], [0, 1]).gradient["input"]
    low, high = exact.bounds()
    for place in range(4):
        one_low, one_high = part(exact, place).bounds()
        assert one_low == low.flat[place]
        assert one_high == high.flat[place]


def test_an_undecided_rounding_gives_both_candidates() -> None:
    """What cannot be decided is not decided here either."""
    hair = from_fraction(Fraction(1, 2**9000), 53)
    minus = from_fraction(Fraction(-1, 2**9000), 53)
    item = Element(Fraction(65520), Remainder(minus, hair))
    exact = Enclosure((1,), lambda _precision: [item])
    assert rounded(exact, 0, "binary16") == (65504.0, math.inf)
    with pytest.raises(reference.Undecided):
        exact.round_to("binary16")
