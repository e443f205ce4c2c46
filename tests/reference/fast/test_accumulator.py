"""Exact sums and dot products, against plain fractions."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_arrays import KINDS, exact, neighbours, numbers, pairs, seeds
from plain_formats import LINES, Line

from reference.fast.accumulator import ExactDot, Factor, exact_dot, exact_sum
from reference.fast.bits import CHUNK

lines = pytest.mark.parametrize("line", LINES, ids=lambda line: str(line.name))
SIZES = (0, 1, 2, 3, 31, 32, 33, 255, 256, 257)
BORDERS = (CHUNK - 1, CHUNK, CHUNK + 1)


def plain_dot(x: list[Fraction], y: list[Fraction]) -> Fraction:
    """Return the sum of products."""
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


@lines
@given(kind=st.sampled_from(KINDS), size=st.sampled_from(SIZES), seed=seeds)
def test_sum_is_that_of_fractions(line: Line, kind: str, size: int, seed: int) -> None:
    """Nothing is lost, whatever the format, the exponents and the cancellation."""
    array = numbers(line, kind, (size,), seed)
    assert exact_sum(array) == sum(exact(array))
    mirrored = np.concatenate([array, -neighbours(array, line, seed)])
    assert exact_sum(mirrored) == sum(exact(mirrored))


@given(pair=st.sampled_from(SIZES).flatmap(lambda n: pairs(((n,), (n,)))))
def test_dot_is_that_of_fractions(pair: Any) -> None:
    """Products of 106 bits are added without loss, of different formats too."""
    x, y = pair
    assert exact_dot(x, y) == plain_dot(exact(x), exact(y))
    assert exact_dot(x, x) == plain_dot(exact(x), exact(x))


@lines
@pytest.mark.parametrize("size", BORDERS)
def test_borders_of_chunks(line: Line, size: int) -> None:
    """A chunk more or less changes nothing."""
    x, y = (numbers(line, "bits", (size,), seed) for seed in (1, 2))
    assert exact_sum(x) == sum(exact(x))
    assert exact_dot(x, y) == plain_dot(exact(x), exact(y))


@settings(max_examples=50)
@given(pair=pairs(((3, 1, 4), (5, 1))))
def test_dot_broadcasts(pair: Any) -> None:
    """Elements are repeated as NumPy repeats them."""
    x, y = np.broadcast_arrays(*pair)
    assert exact_dot(*pair) == plain_dot(exact(x), exact(y))


@lines
def test_extremes(line: Line) -> None:
    """The largest and the smallest numbers of a format meet without loss."""
    largest, smallest = line.number(line.infinity - 1), line.number(1)
    array = np.array(
        [largest, largest, smallest, -largest], numbers(line, "zeros", (1,), 0).dtype
    )
    assert exact_sum(array) == Fraction(largest) + Fraction(smallest)
    assert (
        exact_dot(array, array) == 3 * Fraction(largest) ** 2 + Fraction(smallest) ** 2
    )


@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (2, 0), (2, 3, 4)])
def test_every_shape(shape: tuple[int, ...]) -> None:
    """A scalar is one number, and no number adds up to 0."""
    array = numbers(LINES[-1], "bits", shape, 3)
    assert exact_sum(array) == sum(exact(array))


@pytest.mark.parametrize("odd", [np.inf, np.nan])
def test_what_is_not_finite_is_refused(odd: float) -> None:
    """There is no exact sum with an infinity or a nan, on either side."""
    bad, good = np.array([1.0, odd]), np.array([1.0, 0.0])
    for call in (lambda: exact_sum(bad), lambda: exact_dot(good, bad)):
        with pytest.raises(ValueError, match="needs finite numbers"):
            call()


@pytest.mark.slow
def test_bins_are_emptied_before_they_overflow() -> None:
    """A few more than 2**26 of the longest significands do not fit in one bin.

    The largest part of their products is 2**37 (1 − 2**−17): 2**26 of them are below
    2**63, and 2**26 (1 + 2**−10) of them above.
    """
    longest, times = np.nextafter(2.0, 0.0), 2**10 + 1
    factor = Factor(np.full(2**16, longest).view(np.int64))
    result = ExactDot()
    for _ in range(times):
        result.add(factor, factor)
    assert result.total() == times * 2**16 * Fraction(longest) ** 2


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_arrays_in_little_memory(dtype: type) -> None:
    """2**22 numbers are added exactly, beside them in less than 4 MiB."""
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-(2**18), 2**18, 2**22) for _ in range(2))
    x, y = a.astype(dtype), b.astype(dtype)
    tracemalloc.start()
    try:
        got = exact_sum(x), exact_dot(x, y)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert got == (int(a.sum()), int((a * b).sum()))
    assert peak < 4 * 2**20
