"""Sums in a fixed order: their heights, their bounds, and what they leave alone."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_kernels import fractions, normalised, read_only

from reference.fast import doubleword, sums

if TYPE_CHECKING:
    from plain_kernels import Floats, Pair

SIZES: Final = (1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 1000, 1023, 1025)
U: Final = Fraction(1, 2**53)


def addends(seed: int, shape: tuple[int, ...], *, signed: bool) -> Pair:
    """Return double words of many magnitudes, of one sign or of both."""
    rng = np.random.default_rng(seed)
    high = rng.uniform(1, 2, shape) * 2.0 ** rng.integers(-30, 30, shape)
    if signed:
        high *= rng.choice([1.0, -1.0], shape)
    return normalised(rng, high)


def error(got: list[Fraction], columns: list[list[Fraction]]) -> Fraction:
    """Return the largest |sum − exact| ÷ Σ|addend|, over columns of addends."""
    return max(
        abs(value - sum(column)) / sum(map(abs, column))
        for value, column in zip(got, columns, strict=True)
    )


def columns(*words: Floats) -> list[list[Fraction]]:
    """Return the exact addends of each column of `(n, m)` words."""
    return [
        fractions(*(word[:, i] for word in words)) for i in range(words[0].shape[1])
    ]


@given(st.integers(1, 2**40))
def test_height_is_the_logarithm_rounded_up(n: int) -> None:
    """2**height is the least power of two that is at least n."""
    h = sums.height(n)
    assert 2**h >= n
    assert h == 0 or 2 ** (h - 1) < n


@given(st.integers(0, 2**60))
def test_bounds_are_above_those_of_the_theorem(n: int) -> None:
    """The bounds are at least (1 + ε)**h − 1, and hardly more."""
    h = sums.height(n)
    for bound, unit in (
        (sums.sum_error(n), U),
        (sums.pair_sum_error(n), Fraction(doubleword.ADD)),
    ):
        theorem = (1 + unit) ** h - 1
        assert theorem <= Fraction(bound) <= theorem * (1 + Fraction(1, 2**40))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("signed", [False, True])
def test_sum_is_within_its_bound(n: int, *, signed: bool) -> None:
    """The error is at most `sum_error` of Σ|addends|."""
    high, _ = addends(n, (n, 5), signed=signed)
    got = sums.pairwise(high)
    assert error(fractions(got), columns(high)) <= Fraction(sums.sum_error(n))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("signed", [False, True])
def test_pair_sum_is_within_its_bound(n: int, *, signed: bool) -> None:
    """The error is at most `pair_sum_error` of Σ|addends|."""
    words = addends(n, (n, 5), signed=signed)
    got = sums.pairwise_pair(*words, signed=signed)
    bound = Fraction(sums.pair_sum_error(n))
    assert error(fractions(*got), columns(*words)) <= bound


def test_bounds_are_no_exaggeration() -> None:
    """Some sums come within a factor of 8 (double words: 32) of their bounds."""
    words = addends(8, (8, 400), signed=False)
    plain = error(fractions(sums.pairwise(words[0])), columns(words[0]))
    pair = error(fractions(*sums.pairwise_pair(*words)), columns(*words))
    assert plain >= sums.sum_error(8) / 8
    assert pair >= sums.pair_sum_error(8) / 32


@pytest.mark.parametrize("n", SIZES)
def test_every_addend_counts_once(n: int) -> None:
    """The sum of distinct powers of two, or of 1 at each place, tells every addend."""
    unit = np.eye(n)
    np.testing.assert_array_equal(sums.pairwise(unit), np.ones(n))
    for signed in (False, True):
        high, low = sums.pairwise_pair(unit, unit * 2.0**-60, signed=signed)
        np.testing.assert_array_equal(high, np.ones(n))
        np.testing.assert_array_equal(low, np.full(n, 2.0**-60))


def test_order_is_the_documented_tree() -> None:
    """Rows h, h + 1, … are added to rows 0, 1, …, an odd row waits."""
    a = np.array([1.0, 2.0**-53, 2.0**-53, 2.0**-53, 2.0**-53])
    # One after the other, every 1 + u would round to 1: here two u come together first.
    first = [a[0] + a[3], a[1] + a[4], a[2]]
    expected = (first[0] + first[2]) + first[1]
    assert sums.pairwise(a[:, None]).tolist() == [expected]


def test_cancelling_double_words_are_summed_exactly() -> None:
    """What cancels in both words leaves nothing."""
    high, low = addends(11, (6, 3), signed=True)
    both = sums.pairwise_pair(
        np.concatenate([high, -high]), np.concatenate([low, -low]), signed=True
    )
    assert not np.any(both)


def test_signed_sums_of_two_are_relative_to_the_result() -> None:
    """Two addends that cancel leave an error relative to what is left."""
    high, low = addends(13, (1, 500), signed=True)
    other = normalised(np.random.default_rng(13), -high * (1 + 2.0**-52))
    words = np.concatenate([high, other[0]]), np.concatenate([low, other[1]])
    got = fractions(*sums.pairwise_pair(*words, signed=True))
    bound = Fraction(doubleword.ADD)
    for value, column in zip(got, columns(*words), strict=True):
        assert abs(value - sum(column)) <= bound * abs(sum(column))


@pytest.mark.parametrize("layout", ["C", "F", "strided", "reversed"])
@pytest.mark.parametrize("shape", [(5,), (6, 4), (7, 2, 3), (4, 0), (1, 3)])
def test_any_memory_order(layout: str, shape: tuple[int, ...]) -> None:
    """The result does not depend on the memory order, and inputs are not written to."""
    high, low = addends(12, shape, signed=False)
    expected = sums.pairwise(high), *sums.pairwise_pair(high, low)
    views = [_laid_out(word, layout) for word in (high, low)]
    read_only(*views)
    got = sums.pairwise(views[0]), *sums.pairwise_pair(*views)
    for new, old in zip(got, expected, strict=True):
        np.testing.assert_array_equal(new, old)
        assert new.shape == shape[1:]
        assert not any(np.shares_memory(new, view) for view in views)


def _laid_out(a: Floats, layout: str) -> Floats:
    if layout == "strided":
        return np.repeat(a, 2, axis=0)[::2]
    if layout == "reversed":
        return np.ascontiguousarray(a[::-1])[::-1]
    return np.array(a, order="F" if layout == "F" else "C")


@pytest.mark.parametrize("shape", [(0,), (0, 3), (0, 2, 2)])
def test_empty_sums_are_zero(shape: tuple[int, ...]) -> None:
    """No addends make zeros of the shape of the rest, with no error."""
    nothing = np.zeros(shape)
    for got in (sums.pairwise(nothing), *sums.pairwise_pair(nothing, nothing)):
        np.testing.assert_array_equal(got, np.zeros(shape[1:]))
    assert sums.sum_error(0) == sums.pair_sum_error(0) == 0.0


def test_infinities_pass_through() -> None:
    """An infinite addend makes its own sum infinite, and no other."""
    a = np.ones((5, 2))
    a[3, 0] = math.inf
    assert sums.pairwise(a).tolist() == [math.inf, 5.0]
