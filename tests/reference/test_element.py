"""Rounding of R + t, with t of any size, against exact sums."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import libmp
from plain_formats import LINES, Line, lines

from reference.element import Admit, Element, element, same_class
from reference.formats import FORMATS
from reference.formats import exponent as exponent_of
from reference.remainder import Remainder

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.extended import Extended

signs = st.sampled_from([-1, 1])


def exactly(rational: Fraction, man: int, exponent: int) -> Element:
    """Return rational + man · 2**exponent as an element with a remainder."""
    t = libmp.from_man_exp(man, exponent)
    return Element(rational, Remainder(t, t))


@st.composite
def awkward(draw: Callable[..., int], line: Line) -> Fraction:
    """Draw a number on or near a float of the format or a midpoint of two."""
    ordinal = draw(st.integers(0, line.infinity))
    low, high = line.value(ordinal), line.value(ordinal + 1)
    exact = draw(st.sampled_from([low, (low + high) / 2, high]))
    away = Fraction(draw(st.integers(-2, 2)), draw(st.sampled_from([1, 3, 7])))
    return draw(signs) * (exact + away * (high - low) / 2 ** draw(st.integers(0, 200)))


@given(line=lines, data=st.data())
def test_sums_round_as_the_exact_sum(line: Line, data: st.DataObject) -> None:
    """R + t rounds right for t from far above to far below the spacing at R."""
    rational = data.draw(awkward(line))
    man = data.draw(signs) * data.draw(st.integers(1, 2**70))
    scale = exponent_of(rational) if rational else -1000
    exponent = scale - data.draw(st.integers(-20, 400))
    exact = rational + man * Fraction(2) ** exponent
    item = exactly(rational, man, exponent)
    assert item.candidates(FORMATS[line.name]) == (line.nearest(exact),) * 2


@given(line=lines, data=st.data(), sign=signs, size=st.integers(5000, 10**18))
def test_only_the_sign_of_a_tiny_term_counts(
    line: Line, data: st.DataObject, sign: int, size: int
) -> None:
    """With t = ±2**−10**18 a midpoint is left in the direction of t's sign."""
    rational = data.draw(awkward(line))
    exact = rational + sign * Fraction(1, 2**4000)
    item = exactly(rational, sign, -size)
    assert item.candidates(FORMATS[line.name]) == (line.nearest(exact),) * 2


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_ends_on_either_side_of_a_midpoint(line: Line) -> None:
    """Where the sign of t is unknown at a midpoint, both neighbours are candidates."""
    one = FORMATS[line.name].ulp(Fraction(1))
    part = Remainder(libmp.from_man_exp(-1, -(10**9)), libmp.from_man_exp(1, -(10**9)))
    item = Element(1 + one / 2, part)
    assert item.candidates(FORMATS[line.name]) == (1.0, float(1 + one))


@given(
    rational=st.fractions(), man=st.integers(1), sign=signs, e=st.integers(-4000, 300)
)
def test_ends_enclose(rational: Fraction, man: int, sign: int, e: int) -> None:
    """The rational ends enclose R + t, and coincide with it above 2**finest."""
    exact = rational + sign * man * Fraction(2) ** e
    low, high = exactly(rational, sign * man, e).ends(-1200)
    assert low <= exact <= high
    assert high - low <= Fraction(1, 2**1200)
    if man.bit_length() + e > -1200:
        assert low == high == exact


@pytest.mark.parametrize("value", [Fraction(1, 3), math.inf, -math.inf, math.nan])
def test_extended_numbers_become_elements(value: Extended) -> None:
    """A rational stays one; infinities and nan are special and round to themselves."""
    item = element(value, Admit.ZERO)
    assert item.also == Admit.ZERO
    assert item.is_rational == isinstance(value, Fraction)
    low, high = item.candidates(FORMATS["binary32"])
    expected = LINES[2].nearest(value) if isinstance(value, Fraction) else value
    assert same_class(low, high)
    assert same_class(expected, low)


@pytest.mark.parametrize("special", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("got", [math.inf, -math.inf, math.nan, 0.0, 1.0])
def test_classes_are_told_apart(special: float, got: float) -> None:
    """A special value is met by itself only, an infinity by its own sign."""
    assert same_class(special, got) == (repr(special) == repr(got))
