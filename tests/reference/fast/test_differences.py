"""Columns of differences, squares and slopes: their radius holds, and is no waste."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_arrays import exact, pairs

from reference.fast.differences import (
    LARGEST,
    PRODUCT,
    Scale,
    distance,
    slope_sign,
    slope_twice,
    square,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.fast.differences import Answer, Formula

PLAIN: dict[Formula, Callable[[Fraction, Fraction], Fraction]] = {
    distance: lambda d, _s: abs(d),
    square: lambda d, _s: d * d,
    slope_sign: lambda d, s: ((d > 0) - (d < 0)) * s,
    slope_twice: lambda d, s: 2 * d * s,
}
every_formula = pytest.mark.parametrize("formula", PLAIN, ids=lambda f: f.__name__)
rationals = st.fractions() | st.builds(
    lambda n, d: Fraction(n, d) * Fraction(2) ** -390,
    st.integers(-(2**80), 2**80),
    st.integers(1, 2**64),
)


def answer(formula: Formula, x: Any, y: Any, scale: Scale) -> Answer:
    """Return what a formula makes of arrays of any format."""
    with np.errstate(all="ignore"):
        return formula(x.astype(np.float64), y.astype(np.float64), scale)


def errors(got: Answer, expected: list[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """Return (error, radius) of the elements that are sure."""
    columns = (a.tolist() for a in got)
    rows = zip(*columns, expected, strict=True)
    return [
        (abs(e - Fraction(head) - Fraction(tail)), Fraction(radius))
        for head, tail, radius, sure, e in rows
        if sure
    ]


@every_formula
@given(pair=pairs(((30,), (30,))), factor=rationals)
def test_the_exact_value_is_within_the_radius(
    formula: Formula, pair: Any, factor: Fraction
) -> None:
    """|exact − (head + tail)| ≤ radius, in exact arithmetic, where it is sure."""
    scale = Scale.of(factor)
    if scale is None:
        return
    x, y = pair
    got = answer(formula, x, y, scale)
    expected = [
        PLAIN[formula](a - b, factor) for a, b in zip(exact(x), exact(y), strict=True)
    ]
    assert all(error <= radius for error, radius in errors(got, expected))


@every_formula
@given(pair=pairs(((20,), (20,))), factor=rationals)
def test_columns_are_narrow(formula: Formula, pair: Any, factor: Fraction) -> None:
    """The radius is 2**−102 of the value at most, and the head next to it at worst."""
    scale = Scale.of(factor)
    if scale is None:
        return
    got = answer(formula, *pair, scale)
    head, tail = np.abs(got.head[got.sure]), np.abs(got.tail[got.sure])
    assert (got.radius[got.sure] <= 2.0**-102 * head).all()
    assert (tail <= np.spacing(head)).all()


@every_formula
@given(pair=pairs(((20,), (20,))))
def test_floats_in_range_are_sure(formula: Formula, pair: Any) -> None:
    """Nothing but huge numbers, and squares below 2**−900, is left open."""
    x, y = pair
    got = answer(formula, x, y, Scale(1.0))
    limit, least = Fraction(LARGEST), Fraction(2) ** -449
    for a, b, sure in zip(exact(x), exact(y), got.sure.tolist(), strict=True):
        moderate = abs(a) < limit and abs(b) < limit
        assert sure or not moderate or 0 < abs(a - b) < least


def test_what_is_exact_has_no_radius() -> None:
    """Differences that binary64 holds, times a power of two, are error-free."""
    rng = np.random.default_rng(0)
    x, y = (rng.integers(-(2**52), 2**52, 1000) * 0.5 for _ in range(2))
    for formula in PLAIN:
        got = answer(formula, x, y, Scale.of(Fraction(1, 1024)) or Scale(0.0))
        assert got.sure.all()
        assert not got.radius.any()


def test_powers_of_two_scale_both_words() -> None:
    """Twice a difference of two words, times 1, is exact; far below range it is not."""
    x, y = np.array([1.0, 3.0, 1.0, 1.0]), np.array([2.0**-70, -1e-30, 5e-324, 1e-310])
    for factor in (Fraction(1), Fraction(-1, 2**40)):
        scale = Scale.of(factor)
        assert scale is not None
        got = answer(slope_twice, x, y, scale)
        expected = [
            PLAIN[slope_twice](a - b, factor)
            for a, b in zip(exact(x), exact(y), strict=True)
        ]
        assert got.tail[:2].all()
        assert got.radius.astype(bool).tolist() == [False, False, True, True]
        assert all(error <= radius for error, radius in errors(got, expected))


@pytest.mark.parametrize("formula", [square, slope_twice])
def test_the_bound_is_no_waste(formula: Formula) -> None:
    """Errors of a quarter of the bound, and no more than the bound, occur."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(4000), rng.standard_normal(4000) * 2.0**-20
    factor = Fraction(1, 3)
    got = answer(formula, x, y, Scale.of(factor) or Scale(0.0))
    expected = [
        PLAIN[formula](a - b, factor) for a, b in zip(exact(x), exact(y), strict=True)
    ]
    unit = [Fraction(PRODUCT) * abs(e) for e in expected]
    worst = max(e / u for (e, _), u in zip(errors(got, expected), unit, strict=True))
    assert Fraction(1, 4) < worst < 1


@given(value=rationals | st.fractions().map(lambda f: 1 + f * Fraction(2) ** -5000))
def test_a_scale_encloses_its_number(value: Fraction) -> None:
    """A scale is within its radius, which is 0 only for what two floats hold."""
    scale = Scale.of(value)
    if scale is None:
        limit = Fraction(2) ** 400
        assert not 1 / limit <= abs(value) <= limit
        return
    rest = abs(value - Fraction(scale.high) - Fraction(scale.low))
    assert rest <= Fraction(scale.radius) <= abs(value) * Fraction(2) ** -105
    assert abs(scale.low) <= np.spacing(abs(scale.high)) / 2
