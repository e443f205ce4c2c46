"""Rounding by every way that leads to it, on everything that can be enumerated.

The ways: a rational, a rational plus a remainder, the casts of NumPy and ml_dtypes, and
MPFR. The numbers: all values of the 16-bit formats, all midpoints, the neighbours of
these; for the wider formats zero, subnormals, powers of two and the largest.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import libmp
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
from reference.element import Element
from reference.formats import FORMATS, exponent
from reference.remainder import Remainder

if TYPE_CHECKING:
    from collections.abc import Iterator

    Floats = np.ndarray[Any, np.dtype[np.float64]]

NEAR, FAR = 60, 2000
"""How many bits below a number its neighbours lie."""

names = {"ids": lambda line: line.name}
each_line = pytest.mark.parametrize("line", LINES, **names)
narrow = pytest.mark.parametrize("line", [BINARY16, BFLOAT16], **names)
both_signs = pytest.mark.parametrize("sign", [1, -1])


def ordinals(line: Line) -> list[int]:
    """Return the directed ordinals, and of the 16-bit formats one in 61 besides."""
    some = range(0, line.infinity, 61) if line.width == 16 else ()
    return sorted({*directed(line), *some})


def same(got: float, expected: float) -> bool:
    """Say whether two results are equal, the sign of zero included."""
    return got == expected and math.copysign(1, got) == math.copysign(1, expected)


# --- rationals, and rationals with remainders


def check_rationals(line: Line, sign: int, chosen: list[int] | range) -> None:
    """Assert that values, midpoints and both kinds of neighbours round right."""
    steps = Fraction(1, 2**NEAR), Fraction(1, 2**FAR)
    for ordinal in chosen:
        for exact, expected in around(line, ordinal, steps):
            got = FORMATS[line.name].round(sign * exact)
            assert same(got, sign * line.number(expected)) or not exact


def check_remainders(line: Line, sign: int, chosen: list[int] | range) -> None:
    """Assert that they do where the neighbour is at a distance of T."""
    for ordinal in chosen:
        for exact, expected, t in beside(line, ordinal):
            part = libmp.from_man_exp(sign * t[0], t[1])
            item = Element(sign * exact, Remainder(part, part))
            low, high = item.candidates(FORMATS[line.name])
            wanted = sign * line.number(expected)
            if not exact:
                wanted = math.copysign(0.0, sign * t[0])
            assert same(low, wanted), (exact, t)
            assert same(high, wanted), (exact, t)


def beside(line: Line, ordinal: int) -> Iterator[tuple[Fraction, int, tuple[int, int]]]:
    """Yield R, the ordinal that R + T rounds to, and T as (±1, power of two)."""
    low, high = line.value(ordinal), line.value(ordinal + 1)
    middle = (low + high) / 2
    scale = exponent(middle)
    for direction, power in itertools.product((-1, 1), (scale - NEAR, scale - FAR)):
        t = direction, power
        yield low, ordinal, t
        yield middle, ordinal + (direction > 0), t
        # Just beyond a midpoint, T leads back over it; one bit less does not.
        off = -direction * Fraction(2) ** power
        yield middle + off / 2, ordinal + (direction > 0), t
        yield middle + off * 2, ordinal + (direction < 0), t


@each_line
@both_signs
def test_neighbours_of_midpoints_round_right(line: Line, sign: int) -> None:
    """Numbers 2**−60 and 2**−2000 beside a midpoint fall to its two sides."""
    check_rationals(line, sign, ordinals(line)[:: 1 if line.width < 64 else 4])


@each_line
@both_signs
def test_remainders_beside_midpoints_round_right(line: Line, sign: int) -> None:
    """So they do where 2**−60 and 2**−2000 are the remainder of an enclosure."""
    check_remainders(line, sign, ordinals(line)[:: 1 if line.width < 64 else 4])


@pytest.mark.slow
@narrow
@both_signs
def test_all_neighbours_of_all_midpoints_round_right(line: Line, sign: int) -> None:
    """All midpoints of the 16-bit formats, and their neighbours, round right."""
    check_rationals(line, sign, range(line.infinity))


@pytest.mark.slow
@narrow
@both_signs
def test_all_remainders_beside_all_midpoints_round_right(line: Line, sign: int) -> None:
    """They do through remainders too."""
    check_remainders(line, sign, range(line.infinity))


@pytest.mark.slow
@pytest.mark.parametrize("line", [BINARY32, BINARY64], **names)
@both_signs
def test_all_directed_remainders_round_right(line: Line, sign: int) -> None:
    """So does every directed number of the wider formats."""
    check_rationals(line, sign, directed(line))
    check_remainders(line, sign, directed(line))


# --- arrays


def crossroads(line: Line) -> tuple[Floats, Floats]:
    """Return values, midpoints and neighbours in binary64, and what they round to.

    The last midpoint, between the largest number and infinity, is the threshold of
    overflow. The neighbours are the next numbers of binary64.
    """
    chosen = np.arange(line.infinity) if line.width == 16 else np.array(directed(line))
    low = np.array([float(line.value(o)) for o in chosen.tolist()])
    high = np.array([float(line.value(o + 1)) for o in chosen.tolist()])
    middle = (low + high) / 2
    beyond = np.where(chosen + 1 == line.infinity, np.inf, high)
    even = np.where(chosen % 2 == 0, low, beyond)
    given = [low, middle, np.nextafter(middle, -np.inf), np.nextafter(middle, np.inf)]
    both = np.concatenate(given), np.concatenate([low, even, low, beyond])
    return np.concatenate([both[0], -both[0]]), np.concatenate([both[1], -both[1]])


def cast(values: Floats, dtype: Any) -> Floats:
    """Return what NumPy or ml_dtypes rounds to, in binary64."""
    with np.errstate(all="ignore"):
        return values.astype(dtype).astype(np.float64)


def bits(values: Floats) -> list[int]:
    """Return the bits of binary64, so that zeros have their signs."""
    found: list[int] = values.view(np.uint64).tolist()
    return found


@pytest.mark.parametrize("line", [BINARY16, BFLOAT16, BINARY32], **names)
def test_arrays_round_right(line: Line) -> None:
    """Through an enclosure of an array they do, whichever tier answers."""
    check_arrays(line, 1 if line.width > 16 else 13)


@pytest.mark.slow
@narrow
def test_arrays_of_everything_round_right(line: Line) -> None:
    """They do for all values and midpoints of the 16-bit formats."""
    check_arrays(line, 1)


def check_arrays(line: Line, step: int) -> None:
    """Assert that |x − 0| of every `step`-th number rounds right."""
    given, expected = crossroads(line)
    positive = slice(0, given.size // 2, step)
    given, expected = given[positive], expected[positive]
    value = reference.mae(given, np.zeros(given.size), reduction="none").value
    rounded = value.round_to(line.name).astype(np.float64)
    assert bits(rounded) == bits(expected)


@pytest.mark.parametrize("line", [BINARY16, BINARY32], **names)
def test_numpy_s_casts_agree(line: Line) -> None:
    """NumPy rounds binary64 to binary16 and binary32 once, to even: right."""
    given, expected = crossroads(line)
    assert bits(cast(given, line.dtype)) == bits(expected)


@narrow
def test_casts_from_binary32_agree(line: Line) -> None:
    """From binary32 NumPy's and ml_dtypes' casts to 16 bits are right too."""
    given, expected = crossroads(line)
    exactly = np.isfinite(given) & (cast(given, np.float32) == given)
    dtype = FORMATS[line.name].dtype
    with np.errstate(all="ignore"):
        got = given[exactly].astype(np.float32).astype(dtype).astype(np.float64)
    assert bits(got) == bits(expected[exactly])
    assert exactly.sum() >= 4 * line.infinity - 4


def test_cast_from_binary64_to_bfloat16_rounds_twice() -> None:
    """ml_dtypes goes through binary32, which moves neighbours of midpoints onto them.

    So it is no witness for bfloat16, where `Format.round` and MPFR must do.
    """
    given, expected = crossroads(BFLOAT16)
    got = cast(given, ml_dtypes.bfloat16)
    wrong = np.flatnonzero(got != expected)
    if not wrong.size:
        pytest.skip("this ml_dtypes rounds once")
    twice = cast(cast(given, np.float32), ml_dtypes.bfloat16)
    assert bits(got) == bits(twice)
    example = 1 + 2.0**-8 + 2.0**-40
    assert float(np.float64(example).astype(ml_dtypes.bfloat16)) == 1
    assert FORMATS["bfloat16"].round(Fraction(example)) == 1 + 2.0**-7


@pytest.mark.slow
def test_every_number_of_16_bits_is_kept_by_every_format() -> None:
    """All values of the 16-bit formats, read as arrays, are what their bits say."""
    for line in (BINARY16, BFLOAT16):
        ints = np.arange(line.infinity, dtype=np.uint16)
        array = ints.view(FORMATS[line.name].dtype)
        value = reference.mae(array, np.zeros_like(array), reduction="none").value
        exact = [line.value(int(i)) for i in ints]
        assert value.lower.tolist() == exact
        for other in LINES:
            got = value.round_to(other.name).astype(np.float64).tolist()
            assert got == [other.rounded_fraction(e) for e in exact]


# --- MPFR


class Mpfr:
    """MPFR set up as a format: its precision, its exponents, gradual underflow."""

    def __init__(self, gmpy2: Any, line: Line) -> None:
        """Round as `line` does."""
        fmt = FORMATS[line.name]
        self.gmpy2 = gmpy2
        # MPFR's significands lie in [1/2, 1).
        self.context = gmpy2.context(
            precision=line.stored + 1,
            emax=fmt.emax + 1,
            emin=fmt.emin - line.stored + 1,
            subnormalize=True,
        )

    def round(self, exact: Fraction) -> float:
        """Return a rational rounded by MPFR."""
        with self.context:
            return float(self.gmpy2.mpfr(self.gmpy2.mpq(exact)))


def check_with_mpfr(line: Line, sign: int, chosen: list[int] | range) -> None:
    """Assert that MPFR rounds numbers of all kinds as we do."""
    mpfr, fmt = Mpfr(pytest.importorskip("gmpy2"), line), FORMATS[line.name]
    for ordinal in chosen:
        for exact, _ in around(
            line, ordinal, (Fraction(1, 2**NEAR), Fraction(1, 3**99))
        ):
            theirs = mpfr.round(sign * exact)
            assert same(fmt.round(sign * exact), theirs), (exact, theirs)


@each_line
@both_signs
def test_mpfr_agrees(line: Line, sign: int) -> None:
    """MPFR, set up as the format, rounds rationals beside midpoints as we do."""
    check_with_mpfr(line, sign, ordinals(line)[:: 1 if line.width < 64 else 4])


@pytest.mark.slow
@narrow
@both_signs
def test_mpfr_agrees_everywhere(line: Line, sign: int) -> None:
    """It does at every midpoint of the 16-bit formats."""
    check_with_mpfr(line, sign, range(line.infinity))


# --- the second source's own rounding


@given(
    line=lines, value=st.fractions() | floats_of(BINARY64).map(Fraction), data=st.data()
)
def test_shifting_finds_the_nearest(
    line: Line, value: Fraction, data: st.DataObject
) -> None:
    """The second sources round by shifting what a search on the line finds."""
    scaled = value * Fraction(2) ** data.draw(st.integers(-1200, 1200))
    for exact in (value, scaled, scaled / 3):
        assert line.rounded_fraction(exact) == line.nearest(exact)


@each_line
def test_shifting_is_right_beside_midpoints(line: Line) -> None:
    """They do at values, midpoints and their neighbours, and for powers of any size."""
    for ordinal in ordinals(line)[::3]:
        for exact, expected in around(line, ordinal, (Fraction(1, 2**FAR),)):
            assert same(line.rounded_fraction(exact), line.number(expected))
    for sign in (1, -1):
        assert same(line.rounded(sign, -(10**30)), sign * 0.0)
        assert same(line.rounded(sign, 10**30), sign * math.inf)
