"""The sums that losses are made of, against plain fractions, in any thread state."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_arrays import exact, numbers, pairs
from plain_formats import LINES

from reference.fast.bits import CHUNK
from reference.fast.totals import (
    sum_of_differences,
    sum_of_distances,
    sum_of_signs,
    sum_of_squares,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = (
    ((9,), (9,), (9,)),
    ((3, 1), (1, 4), ()),
    ((2, 3), (3,), (2, 3)),
    ((), (), ()),
    ((0,), (1,), (0,)),
)
PLAIN: dict[Callable[..., Fraction], Callable[..., Fraction]] = {
    sum_of_distances: lambda d, _u: abs(d),
    sum_of_squares: lambda d, _u: d * d,
    sum_of_signs: lambda d, u: ((d > 0) - (d < 0)) * u,
    sum_of_differences: lambda d, u: 2 * d * u,
}
with_upstream = (sum_of_signs, sum_of_differences)
every_sum = pytest.mark.parametrize("total", PLAIN, ids=lambda f: f.__name__)


def arguments(total: Callable[..., Fraction], triple: Any) -> Any:
    """Return as many arrays as a sum takes."""
    return triple if total in with_upstream else triple[:2]


def plain(total: Callable[..., Fraction], arrays: Any) -> Fraction:
    """Return the sum in plain fractions."""
    x, y, *rest = map(exact, np.broadcast_arrays(*arrays))
    u = rest[0] if rest else x
    terms = (PLAIN[total](a - b, c) for a, b, c in zip(x, y, u, strict=True))
    return sum(terms, Fraction(0))


@every_sum
@settings(max_examples=200)
@given(triple=st.sampled_from(SHAPES).flatmap(pairs))
def test_sums_are_those_of_fractions(
    total: Callable[..., Fraction], triple: Any
) -> None:
    """Every format beside every other, nearly equal numbers, repeated numbers."""
    arrays = arguments(total, triple)
    assert total(*arrays) == plain(total, arrays)


@every_sum
@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1])
def test_borders_of_chunks(total: Callable[..., Fraction], size: int) -> None:
    """A chunk more or less changes nothing."""
    triple = [numbers(LINES[2], "bits", (size,), seed) for seed in range(3)]
    arrays = arguments(total, triple)
    assert total(*arrays) == plain(total, arrays)


@every_sum
def test_zeros_of_both_signs_are_equal(total: Callable[..., Fraction]) -> None:
    """0 − (−0) is 0, and so is its sign."""
    zeros = np.array([0.0, -0.0, 0.0]), np.array([-0.0, 0.0, 0.0])
    assert total(*arguments(total, (*zeros, np.ones(3)))) == 0


@pytest.mark.torch
@every_sum
def test_flush_to_zero_changes_nothing(total: Callable[..., Fraction]) -> None:
    """A thread in which NumPy flushes subnormal numbers gets the same sums."""
    torch = pytest.importorskip("torch")
    for line in LINES:
        triple = [numbers(line, "subnormal", (300,), seed) for seed in range(3)]
        triple[2] = numbers(line, "normal", (300,), 3)
        arrays = arguments(total, triple)
        expected = plain(total, arrays)
        if not torch.set_flush_denormal(True):
            pytest.skip("needs a processor that can flush subnormal numbers")
        try:
            flushed = np.array([2.0**-1074]) * 1.0
            got = total(*arrays)
        finally:
            torch.set_flush_denormal(False)
        assert flushed == 0, "the test needs NumPy's arithmetic to flush"
        assert got == expected != 0
