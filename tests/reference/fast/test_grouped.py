"""Sums over repeated axes: their radius holds, and knows what cancels."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_arrays import exact, numbers, pairs
from plain_formats import LINES

from reference.element import Element
from reference.fast.differences import Scale, slope_sign, slope_twice
from reference.fast.elementwise import CHUNK
from reference.fast.grouped import Grouped
from reference.lazy import Lazy

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.columns import Columns
    from reference.fast.differences import Formula

SHAPES = (
    ((6,), (9, 6), (9, 6)),
    ((1, 8), (5, 8), (5, 1)),
    ((4, 1, 3), (1, 6, 3), ()),
    ((3, 1), (3, 20), (20,)),
    ((5,), (5,), (5,)),
)
PLAIN: dict[Formula, Callable[[Fraction, Fraction], Fraction]] = {
    slope_sign: lambda d, u: ((d > 0) - (d < 0)) * u,
    slope_twice: lambda d, u: 2 * d * u,
}
every_formula = pytest.mark.parametrize("formula", PLAIN, ids=lambda f: f.__name__)


def recorded(
    formula: Formula, arrays: Any, factor: Fraction
) -> tuple[Grouped, list[int]]:
    """Return the sums, and the places of those that the formulas leave open."""
    left: list[int] = []

    def make(i: int) -> Element:
        left.append(i)
        return Element()

    scale = Scale.of(factor)
    assert scale is not None
    items = Lazy(arrays[0].size, make)
    return Grouped(formula, tuple(arrays), scale, items), left


def plain(
    formula: Formula, arrays: Any, factor: Fraction
) -> list[tuple[Fraction, Fraction]]:
    """Return, for each sum, its exact value and that of the sizes of its terms."""
    first = arrays[0]
    x, y, *rest = map(exact, np.broadcast_arrays(*arrays))
    u = rest[0] if rest else [Fraction(1)] * len(x)
    places = np.arange(first.size).reshape(first.shape)
    owners = np.broadcast_arrays(places, *arrays)[0].ravel()
    result = [(Fraction(0), Fraction(0))] * first.size
    for owner, a, b, c in zip(owners.tolist(), x, y, u, strict=True):
        term = PLAIN[formula](a - b, c) * factor
        total, sizes = result[owner]
        result[owner] = total + term, sizes + abs(term)
    return result


def error(columns: Columns, i: int, expected: Fraction) -> tuple[Fraction, Fraction]:
    """Return |exact − (head + tail)| and the radius of a sum."""
    head, tail, radius = (
        Fraction(float(a.ravel()[i]))
        for a in (columns.head, columns.tail, columns.radius)
    )
    return abs(expected - head - tail), radius


@every_formula
@settings(max_examples=150)
@given(
    triple=st.sampled_from(SHAPES).flatmap(pairs),
    count=st.sampled_from([2, 3]),
    factor=st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(-5, 7 * 2**40)]),
)
def test_the_exact_sum_is_within_the_radius(
    formula: Formula, triple: Any, count: int, factor: Fraction
) -> None:
    """What is not left open is within the radius, which is small beside the terms."""
    arrays = triple[:count]
    expected = plain(formula, arrays, factor)
    tier, left = recorded(formula, arrays, factor)
    columns = tier(80, None)
    terms = np.broadcast(*arrays).size // arrays[0].size
    for i, (value, sizes) in enumerate(expected):
        if i not in left:
            distance, radius = error(columns, i, value)
            assert distance <= radius
            limit = (2 + terms) * sizes * Fraction(2) ** -102
            assert radius <= limit + Fraction(2) ** -1072


@every_formula
def test_counts_and_sums_of_like_numbers_are_exact(formula: Formula) -> None:
    """Where no rounding takes place there is no radius, even where the sum is 0."""
    rng = np.random.default_rng(0)
    arrays = rng.integers(-3, 3, 50) / 8, rng.integers(-3, 3, (4, 50)) / 8
    expected = plain(formula, arrays, Fraction(1, 1024))
    tier, left = recorded(formula, arrays, Fraction(1, 1024))
    columns = tier(80, None)
    assert not left
    assert not columns.radius.any()
    assert not columns.tail.any()
    assert columns.head.tolist() == [float(value) for value, _ in expected]
    assert 0 in columns.head


@every_formula
@pytest.mark.parametrize("factor", [Fraction(1), Fraction(1, 2**30), Fraction(1, 3)])
def test_what_is_lost_before_terms_cancel_is_in_the_radius(
    formula: Formula, factor: Fraction
) -> None:
    """2**−130 beside 1 is lost; when the 1 goes, the radius still knows."""
    upstream = np.array([[1.0], [2.0**-60], [2.0**-130], [-1.0]])
    arrays = np.ones((1, 1)), np.zeros((4, 1)), upstream
    ((value, sizes),) = plain(formula, arrays, factor)
    tier, left = recorded(formula, arrays, factor)
    distance, radius = error(tier(80, None), 0, value)
    assert not left
    assert value * Fraction(2) ** -71 < distance <= radius
    assert radius <= 6 * sizes * Fraction(2) ** -102


@every_formula
def test_some_places_are_those_of_the_whole(formula: Formula) -> None:
    """Also beyond the first chunk."""
    arrays = [numbers(LINES[3], "normal", (n, CHUNK + 5), n) for n in (1, 3)]
    tier, left = recorded(formula, arrays, Fraction(1, 7))
    at = np.array([CHUNK + 4, 0, CHUNK, CHUNK - 1], dtype=np.intp)
    whole, some = tier(80, None), tier(80, at)
    assert whole.head.shape == (1, CHUNK + 5)
    for name in ("head", "tail", "radius"):
        assert np.array_equal(getattr(whole, name).ravel()[at], getattr(some, name))
    assert not left
    for i, place in enumerate(at.tolist()):
        column = [a[:, place : place + 1] for a in arrays]
        ((value, _),) = plain(formula, column, Fraction(1, 7))
        distance, radius = error(some, i, value)
        assert distance <= radius
