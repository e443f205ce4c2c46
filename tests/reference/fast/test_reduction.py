"""Reduction by multiples of ln 2 / 8192: how large the rests are, and what is exact."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_kernels import BITS, balls, fractions

from reference.fast import reduction
from reference.fast.powers import STEP, STEP_FIRST, STEP_PARTS, STEPS, powers

if TYPE_CHECKING:
    from plain_kernels import Floats

C: Final = sum(map(Fraction, STEP_PARTS), Fraction(0))  # within 2**−147
LARGEST: Final = 3000.0


@st.composite
def near_half_steps(draw: st.DrawFn) -> float:
    """Draw a t next to a midpoint between two multiples of C, or anywhere."""
    if draw(st.booleans()):
        return draw(st.floats(0, LARGEST))
    k = draw(st.integers(0, 2**13) | st.integers(0, int(LARGEST / STEP) - 1))
    t = float((k + Fraction(1, 2)) * C)
    steps = draw(st.integers(-3, 3))
    for _ in range(abs(steps)):
        t = float(np.nextafter(t, np.inf if steps > 0 else 0))
    return t


@given(near_half_steps())
def test_rest_is_at_most_half_a_step(t: float) -> None:
    """|t − kC| ≤ 0.501 C, and t − k C₁ and −k are exact in floats and integers."""
    out = np.empty(1)
    minus_k = reduction.minus_steps(np.array([t]), out=out)
    k = -int(minus_k[0])
    assert out[0] == -k
    assert abs(Fraction(t) - k * C) <= C * Fraction(501, 1000)
    assert Fraction(t + out[0] * STEP_FIRST) == Fraction(t) - k * Fraction(STEP_FIRST)


@pytest.mark.parametrize("index", range(3))
@given(k=st.integers(0, 2**26 - 1))
def test_products_with_the_parts_are_exact(index: int, k: int) -> None:
    """An integer of 26 bits times one of the first three parts is not rounded."""
    part = STEP_PARTS[index]
    assert Fraction(float(k) * part) == k * Fraction(part)


@given(st.integers(0, 400 * STEPS))
def test_scaled_power_is_a_table_entry_scaled(k: int) -> None:
    """2**(−k/8192) is 2**(j/8192) times a power of two, without further rounding."""
    n, j = divmod(-k, STEPS)
    got = reduction.scaled_power(np.array([-k]))
    assert got[0] == np.ldexp(powers()[0][j], n)


@given(st.integers(0, 2**26))
def test_power_pair_splits_the_exponent(k: int) -> None:
    """−k = 8192 n + j, with j the index into the table."""
    j = -k % STEPS
    (high, low), n = reduction.power_pair(np.array([-k]))
    assert (high[0], low[0]) == (powers()[0][j], powers()[1][j])
    assert -k == STEPS * n[0] + j


def bucket_ends() -> Floats:
    """Return s at both ends of each of 1024 intervals, in several binades."""
    edges = 1 + np.arange(1025) / 1024
    w = np.concatenate([edges[:-1], np.nextafter(edges[1:], 0)])
    binades = [w * 2.0**n - 1 for n in (0, 1, 2, 29, 52, 53, 59)]
    return np.concatenate([*binades, [0.0, 1e-300, 2.0**-54, 2.0**-53, 2.0**60]])


def test_one_plus_is_split_exactly() -> None:
    """1 + s is w + e; the power, as a double word, is the table's, scaled."""
    s = bucket_ends()
    w, e, k, power, power_low = reduction.of_one_plus(s)
    assert fractions(w, e) == [1 + x for x in fractions(s)]
    j, n = -k % STEPS, -k // STEPS
    for got, table in zip((power, power_low), powers(), strict=True):
        np.testing.assert_array_equal(got, np.ldexp(table[j], n))


def test_logarithm_of_the_rest_is_small() -> None:
    """|log(1 + z)| < 2**−10, 2**−10.7 off powers of two, 0.6 log(1 + s) for k > 0."""
    flint: Any = pytest.importorskip("flint")
    s = bucket_ends()
    reduced = reduction.of_one_plus(s)
    assert (s[reduced.k == 0] < 2.0**-10).all()
    assert (reduced.k >= 0).all()
    with flint.ctx.workprec(BITS):
        step = flint.arb(2).log() / STEPS
        for number, k in zip(balls(flint, s), reduced.k.tolist(), strict=True):
            whole = number.log1p()
            rest = abs(whole - k * step)
            assert rest < flint.arb(2) ** -10
            # Off the first interval k is next to the middle of an interval.
            assert k % STEPS == 0 or rest**10 < flint.arb(2) ** -107
            assert k == 0 or rest < whole * flint.arb("0.6")
