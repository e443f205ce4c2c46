"""exp(−t): within its bounds of Arb on adversarial and random arguments."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from plain_kernels import BITS, balls, fractions, largest_ratio, normalised, read_only

from reference.fast import exponential
from reference.fast.powers import STEP
from reference.fast.reduction import minus_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plain_kernels import Floats, Pair

REST: Final = Fraction(STEP) * Fraction(501, 1000)
"""The bound on |r|."""


@pytest.fixture(scope="module")
def flint() -> Iterator[Any]:
    """Return flint, computing with 300 bits."""
    module: Any = pytest.importorskip("flint")
    with module.ctx.workprec(BITS):
        yield module


def neighbours(values: Floats) -> Floats:
    """Return numbers, and the next ones above and below."""
    return np.concatenate(
        [values, np.nextafter(values, np.inf), np.nextafter(values, -np.inf)]
    )


def adversarial(limit: float) -> Floats:
    """Return arguments up to a limit at which a reduction or a polynomial may slip."""
    ln2 = np.log(2.0)  # a guess, no more: the truth is computed at the argument itself
    fixed = [0.0, 5e-324, 2.0**-1022, 1e-300, 2.0**-969, 1e-30, 2.0**-53, 2.0**-41]
    whole = np.arange(1, limit / ln2)
    steps = np.arange(1, 200) * STEP
    halves = (np.arange(200) + 0.5) * STEP
    large = (np.arange(100) + 0.5) * STEP + limit - 1
    special = np.concatenate([ln2 * whole, ln2 / 2 * whole, steps, halves, large])
    special = neighbours(special[special < limit])
    return np.concatenate([fixed, special, [limit, np.nextafter(limit, 0)]])


def spread(seed: int, size: int, limit: float) -> Floats:
    """Return random arguments up to a limit: uniform, and uniform in the exponent."""
    rng = np.random.default_rng(seed)
    exponents = rng.uniform(-60, np.log2(limit), size // 2)
    return np.concatenate([rng.uniform(0, limit, size - size // 2), 2.0**exponents])


def plain_error(flint: Any, t: Floats) -> float:
    """Return the largest relative error of `exp_minus`."""
    truth = ((-x).exp() for x in balls(flint, t))
    return largest_ratio(balls(flint, exponential.exp_minus(t)), truth)


def pair_error(flint: Any, hi: Floats, lo: Floats) -> float:
    """Return the largest relative error of `exp_minus_pair`."""
    high, low, n = exponential.exp_minus_pair(hi, lo)
    scales = (flint.arb(2) ** k for k in n.tolist())
    got = (s * scale for s, scale in zip(balls(flint, high, low), scales, strict=True))
    return largest_ratio(got, ((-x).exp() for x in balls(flint, hi, lo)))


def with_low_words(seed: int, hi: Floats) -> Pair:
    """Return t ≥ 0 with low words of all kinds."""
    hi, lo = normalised(np.random.default_rng(seed), hi)
    return hi, np.where(hi == 0, 0.0, lo)


def test_error_on_adversarial_arguments(flint: Any) -> None:
    """Next to multiples of ln 2, of half of it, of steps and half steps: within EXP."""
    assert plain_error(flint, adversarial(exponential.LIMIT)) <= exponential.EXP


def test_error_on_random_arguments(flint: Any) -> None:
    """The error is within EXP, and comes near it: the bound is no exaggeration."""
    error = plain_error(flint, spread(1, 6000, exponential.LIMIT))
    assert exponential.EXP / 2 <= error <= exponential.EXP


def test_pair_error_on_adversarial_arguments(flint: Any) -> None:
    """The same arguments, with low words at their ends: within EXP_PAIR."""
    t = with_low_words(2, adversarial(exponential.PAIR_LIMIT)[:-1])
    assert pair_error(flint, *t) <= exponential.EXP_PAIR


def test_pair_error_on_random_arguments(flint: Any) -> None:
    """The error is within EXP_PAIR, and comes within a factor of 8 of it."""
    t = with_low_words(3, spread(3, 4000, exponential.PAIR_LIMIT))
    error = pair_error(flint, *t)
    assert exponential.EXP_PAIR / 8 <= error <= exponential.EXP_PAIR


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_errors_on_many_arguments(flint: Any, seed: int) -> None:
    """A hundred thousand random arguments each stay within EXP and EXP_PAIR."""
    plain = spread(seed, 100_000, exponential.LIMIT)
    assert plain_error(flint, plain) <= exponential.EXP
    pair = with_low_words(seed, spread(seed, 100_000, exponential.PAIR_LIMIT))
    assert pair_error(flint, *pair) <= exponential.EXP_PAIR


def test_low_words_that_cancel_the_rest(flint: Any) -> None:
    """Where the low word brings t next to a multiple of C the error stays in bounds."""
    k = np.arange(1, 400) * 8192 * 10
    hi = k * STEP
    minus_k = np.empty(hi.shape)
    minus_steps(hi, out=minus_k)
    step = flint.arb(2).log() / 8192
    lo = np.array(
        [
            float((step * int(-m) - flint.arb(h)).mid())
            for m, h in zip(minus_k, hi, strict=True)
        ]
    )
    inside = np.abs(lo) <= np.spacing(hi) / 2
    assert inside.sum() > 100
    assert pair_error(flint, hi[inside], lo[inside]) <= exponential.EXP_PAIR


def test_rest_of_the_pair(flint: Any) -> None:
    """R = hi + lo − kC is found within 2**−116."""
    hi, lo = with_low_words(4, spread(4, 2000, exponential.PAIR_LIMIT))
    out = np.empty_like(hi)
    minus_k = minus_steps(hi, out=out)
    got = balls(flint, *exponential._rest(hi, lo, out))  # noqa: SLF001 - a step of the proof
    step = flint.arb(2).log() / 8192
    truth = (
        t + int(k) * step for t, k in zip(balls(flint, hi, lo), minus_k, strict=True)
    )
    worst = max(float(abs(g - t).upper()) for g, t in zip(got, truth, strict=True))
    assert 2.0**-116 / 64 <= worst <= 2.0**-116


def test_expm1_of_the_rest(flint: Any) -> None:
    """e**−r − 1 is found within 1.14 · 2**−96, at the largest |r| too."""
    largest = float(REST)
    r = np.concatenate(
        [np.linspace(-largest, largest, 2001), [2.0**-41, -(2.0**-41), 0]]
    )
    r, low = normalised(np.random.default_rng(5), r)
    got = balls(flint, *exponential._expm1(r, low))  # noqa: SLF001 - a step of the proof
    truth = ((-x).expm1() for x in balls(flint, r, low))
    worst = max(float(abs(g - t).upper()) for g, t in zip(got, truth, strict=True))
    assert 2.0**-96 / 8 <= worst <= 1.14 * 2.0**-96


def test_cubic_terms_of_the_rest() -> None:
    """The terms from r³ on err by at most 5u: the largest is rounded so often."""
    largest = float(REST)
    r = np.linspace(-largest, largest, 1000)
    got = fractions(exponential._cubic(r))  # noqa: SLF001 - a step of the proof
    for x, value in zip(fractions(r), got, strict=True):
        truth = sum((-x) ** k / math.factorial(k) for k in range(3, 7))
        assert abs(value / truth - 1) <= Fraction(5.001) / 2**53


def taylor_remainder(degree: int, r: Fraction) -> Fraction:
    """Return a bound on |e**x − its Taylor polynomial| for |x| ≤ r < 1."""
    return r ** (degree + 1) / math.factorial(degree + 1) / (1 - r)


def test_remainders_of_the_polynomials() -> None:
    """Degree 3 leaves less than 2**−62.5, degree 6 less than 2**−113; r < 2**−14.5."""
    assert taylor_remainder(3, REST) ** 2 < Fraction(1, 2**125)
    assert taylor_remainder(6, REST) < Fraction(1, 2**113)
    assert Fraction(1, 2**29) > REST**2
    assert Fraction(1, 2**923) > (REST**3 / 6) ** 20


def test_sums_of_the_derivations() -> None:
    """The terms of the two derivations add up to at most the constants."""
    plain = 2 * 2.0**-53 + 2.0**-62.5 + 2.0**-67 + 2.0**-66 + 2.0**-67 + 2.0**-100
    assert plain <= exponential.EXP
    expm1 = 2.0**-46.15 * 8 * 2.0**-53 + 2.0**-98.1 + 2.0**-107 + 2.0**-109
    assert expm1 <= 1.14 * 2.0**-96
    rounded = 3 * 2.0**-106 + 2.0**-105 + 2.0**-117 + 2.0**-115
    assert (expm1 + rounded) * (1 + 2.0**-13) <= exponential.EXP_PAIR


def test_values_beyond_the_limit(flint: Any) -> None:
    """Beyond LIMIT the result is FLOOR, which is above the truth; at infinity 0."""
    above = float(np.nextafter(exponential.LIMIT, np.inf))
    t = np.array([exponential.LIMIT, above, 700.0, 1e17, 1e308, np.inf])
    got = exponential.exp_minus(t)
    assert got[1:].tolist() == [exponential.FLOOR] * 4 + [0.0]
    assert (-flint.arb(above)).exp() < flint.arb(exponential.FLOOR)
    assert exponential.SMALLEST < got[0] < exponential.FLOOR


def test_pair_values_beyond_the_limit(flint: Any) -> None:
    """Beyond PAIR_LIMIT s = 1 and 2**n is above the truth; at infinity s = 0."""
    limit = exponential.PAIR_LIMIT
    t = np.array([np.nextafter(limit, np.inf), 1e17, 1e308, np.inf, 1.0])
    lo = np.array([-(2.0**-43), 1.0, -1e291, 0.0, 0.0])
    high, low, n = exponential.exp_minus_pair(t, lo)
    assert high[:4].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert not low[:4].any()
    assert n[:4].tolist() == [exponential.PAIR_FLOOR_EXPONENT] * 4
    bound = flint.arb(2) ** exponential.PAIR_FLOOR_EXPONENT
    assert (-flint.arb(limit)).exp() < bound
    assert n[4] > -3  # and its neighbours are computed


def test_values_at_zero_are_exact() -> None:
    """exp(0) = 1, for either zero, as a double word (1, 0) · 2**0."""
    t = np.array([0.0, -0.0])
    assert exponential.exp_minus(t).tolist() == [1.0, 1.0]
    high, low, n = exponential.exp_minus_pair(t, np.zeros(2))
    assert (high.tolist(), low.tolist(), n.tolist()) == ([1.0] * 2, [0.0] * 2, [0] * 2)


def test_pair_results_are_double_words() -> None:
    """S_hi is the rounding of s, which is in [0.99, 2.01]; n is an int64."""
    t = with_low_words(6, spread(6, 4000, exponential.PAIR_LIMIT))
    high, low, n = exponential.exp_minus_pair(*t)
    assert (high + low == high).all()
    assert 0.99 <= high.min() < high.max() <= 2.01
    assert n.dtype == np.int64


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 4), (2, 0, 3), (2, 3, 4)])
@pytest.mark.parametrize("order", ["C", "F", "strided"])
def test_shapes_and_memory_orders(shape: tuple[int, ...], order: str) -> None:
    """Every shape and memory order gives what its numbers give one by one."""
    rng = np.random.default_rng(7)
    t = np.array(rng.uniform(0, 4000, shape), order="F" if order == "F" else "C")
    if order == "strided" and shape:
        t = np.repeat(t, 2, axis=-1)[..., ::-2]
    low = np.zeros_like(t)
    read_only(t, low)
    got = (exponential.exp_minus(t), *exponential.exp_minus_pair(t, low))
    assert all(part.shape == shape for part in got)
    for index in np.ndindex(shape):
        alone = np.array([t[index]])
        single = (
            exponential.exp_minus(alone),
            *exponential.exp_minus_pair(alone, np.zeros(1)),
        )
        assert [part[index] for part in got] == [part[0] for part in single]
