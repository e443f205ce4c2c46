"""Columns: rounding many enclosures at once, and carrying very small numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.columns import SMALL_SHIFT, Columns
from reference.formats import FORMATS, Format, power_of_two

if TYPE_CHECKING:
    from numpy.typing import NDArray

formats = st.sampled_from(list(FORMATS.values()))
bits = st.integers(min_value=-2, max_value=2)


@st.composite
def heads(draw: st.DrawFn, fmt: Format) -> float:
    """Numbers next to those of a format and to their midpoints, of every size."""
    e = draw(st.integers(fmt.emin - 3, fmt.emax))
    spacing = max(e, fmt.emin) - fmt.precision
    whole = draw(st.integers(0, 1 << (fmt.precision + 1)))
    nudge = draw(bits) * draw(st.sampled_from([0, 1, 1 << 20]))
    value = whole * power_of_two(spacing) * (1 + nudge * power_of_two(-52))
    return draw(st.sampled_from([-1, 1])) * float(min(value, fmt.largest))


@st.composite
def narrow(draw: st.DrawFn) -> tuple[Format, Columns]:
    """One element of every kind: exact, with a tail, with a radius, or all of it."""
    fmt = draw(formats)
    head = draw(heads(fmt))
    step = math.ulp(head) / 2
    tail = draw(st.floats(-1, 1)) * step * draw(st.sampled_from([0, 2.0**-40, 1]))
    width = draw(st.sampled_from([0, 2.0**-60, 2.0**-30, 1, 2.0**20]))
    return fmt, column(head, tail, width * step)


def column(head: float, tail: float = 0.0, radius: float = 0.0) -> Columns:
    """Return columns of one element."""
    return Columns(np.array([head]), np.array([tail]), np.array([radius]))


def ends(columns: Columns, i: int = 0) -> tuple[Fraction, Fraction]:
    """Return the exact ends of an element."""
    scale = Fraction(1)
    if columns.small is not None and columns.small[i]:
        scale = power_of_two(-SMALL_SHIFT)
    middle = Fraction(columns.head[i]) + Fraction(columns.tail[i])
    radius = Fraction(columns.radius[i])
    return (middle - radius) * scale, (middle + radius) * scale


@given(narrow())
def test_a_decided_rounding_is_that_of_both_ends(given: tuple[Format, Columns]) -> None:
    """Where a rounding is decided, every number of the interval has it."""
    fmt, columns = given
    values, decided = columns.round(fmt)
    low, high = ends(columns)
    if decided[0]:
        assert fmt.round(low) == values[0] == fmt.round(high)


@given(formats, st.data())
def test_exact_numbers_are_decided(fmt: Format, data: st.DataObject) -> None:
    """Numbers without a tail and a radius are decided, ties included."""
    head = data.draw(heads(fmt))
    values, decided = column(head).round(fmt)
    rounded = fmt.round(Fraction(head))
    assert decided[0] == math.isfinite(rounded)
    assert not decided[0] or values[0] == rounded


@given(narrow())
def test_what_straddles_a_midpoint_is_open(given: tuple[Format, Columns]) -> None:
    """An interval with two roundings is never decided."""
    fmt, columns = given
    low, high = ends(columns)
    _, decided = columns.round(fmt)
    assert not decided[0] or fmt.round(low) == fmt.round(high)


@given(narrow(), st.integers(1, SMALL_SHIFT - 200))
def test_small_numbers_round_as_what_they_stand_for(
    given: tuple[Format, Columns], shift: int
) -> None:
    """A number carried at 2**1200 rounds as itself, below binary64's range too."""
    fmt, columns = given
    if not 2.0**-100 < abs(columns.head[0]) < 2.0**100:
        return
    carried = Columns(
        *(np.ldexp(a, shift) for a in (columns.head, columns.tail, columns.radius)),
        small=np.array([True]),
    )
    low, high = ends(carried)
    values, decided = carried.round(fmt)
    if decided[0]:
        assert fmt.round(low) == values[0] == fmt.round(high)
    # Then it is less than 2**-1080, far below half of the smallest subnormal.
    if shift < 20:
        assert decided[0]
        assert values[0] == 0
        assert math.copysign(1, values[0]) == math.copysign(1, columns.head[0])


def test_zeros_have_the_sign_of_the_number() -> None:
    """A tiny number rounds to a zero of its sign, exactly zero to +0."""
    fmt = FORMATS["binary16"]
    tiny = Columns(
        np.array([2.0**-60, -(2.0**-60), -0.0, 0.0]),
        np.zeros(4),
        np.array([2.0**-100, 2.0**-100, 0.0, 2.0**-100]),
    )
    values, decided = tiny.round(fmt)
    assert decided.tolist() == [True, True, True, False]
    assert np.signbit(values[:3]).tolist() == [False, True, False]


def test_an_interval_ending_at_zero_has_a_sign() -> None:
    """Where the radius is |head|, the number is not zero: its zero has a sign."""
    values, decided = column(-(2.0**-60), 0.0, 2.0**-60).round(FORMATS["binary16"])
    assert decided[0]
    assert math.copysign(1, values[0]) == -1


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
def test_overflow_is_left_to_exact_numbers(fmt: Format) -> None:
    """At the overflow threshold and beyond nothing is decided here."""
    threshold = column(float(fmt.largest), float(fmt.ulp(fmt.largest) / 2))
    beyond = column(math.inf)
    assert not threshold.round(fmt)[1][0]
    assert not beyond.round(fmt)[1][0]
    assert column(float(fmt.largest)).round(fmt)[1][0]


def test_special_values_are_their_own_rounding() -> None:
    """Infinities and nan that are required need no deciding."""
    head = np.array([np.nan, np.inf, 1.0])
    special = np.array([True, True, False])
    made = Columns(head, np.zeros(3), np.zeros(3), special, np.zeros(3, np.uint8))
    values, decided = made.round(FORMATS["bfloat16"])
    assert decided.all()
    assert np.isnan(values[0])
    assert values[1:].tolist() == [np.inf, 1.0]


@given(narrow(), st.integers(0, SMALL_SHIFT))
def test_plain_columns_contain_what_the_carried_ones_did(
    given: tuple[Format, Columns], shift: int
) -> None:
    """Scaling down only widens."""
    _, columns = given
    if not abs(columns.head[0]) < 2.0**100:
        return
    carried = replace(columns, small=np.array([True]))
    carried = Columns(
        np.ldexp(columns.head, -shift % 300),
        np.ldexp(columns.tail, -shift % 300),
        np.ldexp(columns.radius, -shift % 300),
        small=np.array([True]),
    )
    low, high = ends(carried)
    plain = carried.plain()
    assert plain.small is None
    outer = ends(plain)
    assert outer[0] <= low
    assert high <= outer[1]
    assert outer[1] - outer[0] <= high - low + 8 * power_of_two(-1074)


def test_elements_are_picked_and_reshaped_in_all_columns() -> None:
    """`at` and `reshape` treat every column alike."""
    n: NDArray[np.float64] = np.arange(6.0)
    flags = n > 2
    made = Columns(n, n / 8, n / 16, flags, flags.astype(np.uint8), flags)
    square = made.reshape((2, 3)).at(np.array([5, 0]))
    assert square.head.tolist() == [5, 0]
    assert square.tail.tolist() == [0.625, 0]
    assert square.radius.tolist() == [0.3125, 0]
    assert square.special is not None
    assert square.also is not None
    assert square.small is not None
    assert square.special.tolist() == [True, False]
    assert square.also.tolist() == [1, 0]
    assert square.small.tolist() == [True, False]
