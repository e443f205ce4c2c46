"""Rounding into the formats, against the ordered line of their bit patterns."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_formats import (
    BFLOAT16,
    BINARY16,
    BINARY32,
    BINARY64,
    LINES,
    Line,
    around,
    directed,
    floats_of,
    lines,
)

import reference
from reference.formats import FORMATS, exponent, format_named, power_of_two

SMALL = (Fraction(1, 2**40),)
TINY = (Fraction(1, 2**1200), Fraction(1, 10**4000))
both_signs = pytest.mark.parametrize("sign", [1, -1])


def same(got: float, expected: float) -> bool:
    """Say whether two results are equal, the sign of zero included."""
    return got == expected and math.copysign(1, got) == math.copysign(1, expected)


@pytest.mark.parametrize("line", [BINARY16, BFLOAT16], ids=lambda line: line.name)
@both_signs
def test_every_value_and_midpoint_rounds_right(line: Line, sign: int) -> None:
    """All values of a 16-bit format, all midpoints and their neighbours round right."""
    fmt = FORMATS[line.name]
    for ordinal in range(line.infinity):
        for exact, expected in around(line, ordinal, SMALL):
            assert (
                same(fmt.round(sign * exact), sign * line.number(expected)) or not exact
            )


@pytest.mark.parametrize("line", [BINARY32, BINARY64], ids=lambda line: line.name)
@both_signs
def test_neighbours_of_powers_of_two_round_right(line: Line, sign: int) -> None:
    """Subnormals, ties, powers of two and the overflow threshold round right."""
    fmt = FORMATS[line.name]
    for ordinal in directed(line):
        for exact, expected in around(line, ordinal, TINY):
            assert (
                same(fmt.round(sign * exact), sign * line.number(expected)) or not exact
            )


@given(
    line=lines,
    value=st.fractions() | floats_of(BINARY64).map(Fraction),
    down=st.integers(0, 1200),
)
def test_rounding_finds_the_nearest(line: Line, value: Fraction, down: int) -> None:
    """Any rational, of any size, rounds to what a search on the line finds."""
    for exact in (value, value / 2**down, value / 3**down, value * 2**down):
        assert FORMATS[line.name].round(exact) == line.nearest(exact)


@given(value=floats_of(BINARY64))
def test_rounding_to_binary32_is_the_processor_s(value: float) -> None:
    """From binary64 to binary32 and binary16, NumPy's cast agrees."""
    for name, dtype in (("binary32", np.float32), ("binary16", np.float16)):
        with np.errstate(all="ignore"):
            cast = float(np.float64(value).astype(dtype))
        assert FORMATS[name].round(Fraction(value)) == cast


@given(line=lines, data=st.data())
def test_values_of_a_format_are_kept(line: Line, data: st.DataObject) -> None:
    """A value of the format rounds to itself, and an array of it has its bits."""
    value = data.draw(floats_of(line))
    fmt = FORMATS[line.name]
    assert fmt.round(Fraction(value)) == value
    array = fmt.array([value], (1,))
    assert array.dtype == fmt.dtype
    assert array.astype(np.float64).item() == value


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_parameters_are_the_line_s(line: Line) -> None:
    """The limits, the overflow threshold and the roundoff follow from the bits."""
    fmt = FORMATS[line.name]
    assert fmt.largest == line.value(line.infinity - 1)
    assert fmt.smallest_subnormal == line.value(1)
    assert fmt.overflow_threshold == (fmt.largest + line.value(line.infinity)) / 2
    assert fmt.unit_roundoff == Fraction(1, 2 ** (line.stored + 1))


@given(line=lines, data=st.data())
def test_ulp_is_the_distance_to_the_next(line: Line, data: st.DataObject) -> None:
    """The unit in the last place of a value is its distance to the next larger one."""
    ordinal = data.draw(st.integers(0, line.infinity - 1))
    low, high = line.value(ordinal), line.value(ordinal + 1)
    ulp = FORMATS[line.name].ulp
    assert ulp(low) == ulp(-low) == ulp((low + high) / 2) == high - low


def test_ulp_beyond_the_range_goes_on() -> None:
    """Above the largest number the spacing doubles with each binade."""
    fmt = FORMATS["binary16"]
    assert [fmt.ulp(Fraction(2**e)) for e in (15, 16, 40)] == [32, 64, 2**30]


@given(e=st.integers(-3000, 3000), inside=st.fractions(0, 1).filter(lambda f: f < 1))
def test_exponent_is_that_of_the_binade(e: int, inside: Fraction) -> None:
    """2**e ≤ |v| < 2**(e + 1) defines it."""
    value = power_of_two(e) * (1 + inside)
    assert exponent(value) == exponent(-value) == e


def test_zero_has_no_exponent() -> None:
    """Zero is refused, with what was needed."""
    with pytest.raises(ValueError, match="zero has no binade"):
        exponent(Fraction(0))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_formats_have_two_names(line: Line) -> None:
    """IEEE's name and the data type's both name the format."""
    assert format_named(line.name) is format_named(line.dtype) is FORMATS[line.name]
    assert format_named(line.name).dtype.name == line.dtype


def test_unknown_format_names_the_known() -> None:
    """An unknown name is answered with the known ones."""
    with pytest.raises(ValueError, match=r"binary16, bfloat16.*got 'float8'"):
        reference.mae([1], [2]).value.round_to("float8")
