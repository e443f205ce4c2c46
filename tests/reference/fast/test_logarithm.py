"""log(1 + s): within its bounds of Arb on adversarial and random arguments."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from plain_kernels import BITS, balls, largest_ratio, normalised, read_only

from reference.fast import logarithm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plain_kernels import Floats

U: Final = 2.0**-53


@pytest.fixture(scope="module")
def flint() -> Iterator[Any]:
    """Return flint, computing with 300 bits."""
    module: Any = pytest.importorskip("flint")
    with module.ctx.workprec(BITS):
        yield module


def adversarial() -> Floats:
    """Return s at the ends of the 1024 intervals, at powers of two, at the limits."""
    edges = np.arange(1, 1025) / 1024
    exact = np.concatenate([edges, 2.0 ** np.arange(-60, 61), [1, 2, 3, 1e-15, 0.5]])
    near = np.concatenate([np.nextafter(exact, 0), np.nextafter(exact, np.inf)])
    return np.concatenate([exact, near[near <= logarithm.LARGEST]])


def spread(seed: int, size: int, least: int) -> Floats:
    """Return random s, uniform in the exponent: all sizes, 2**−20 to 8, and 2**−10."""
    rng = np.random.default_rng(seed)
    exponents = [
        rng.uniform(least, 60, size // 4),
        rng.uniform(-20, 3, size // 4),
        rng.uniform(-11, -9, size // 2),
    ]
    return 2.0 ** np.concatenate(exponents)


def plain_error(flint: Any, s: Floats) -> float:
    """Return the largest relative error of `log1p`."""
    truth = (x.log1p() for x in balls(flint, s))
    return largest_ratio(balls(flint, logarithm.log1p(s)), truth)


def pair_error(flint: Any, seed: int, s: Floats) -> float:
    """Return the largest relative error of `log1p_pair`, with various low words."""
    words = normalised(np.random.default_rng(seed), s)
    got = balls(flint, *logarithm.log1p_pair(*words))
    return largest_ratio(got, (x.log1p() for x in balls(flint, *words)))


def test_error_on_adversarial_arguments(flint: Any) -> None:
    """At the ends of intervals and at powers of two both stay within their bounds."""
    s = adversarial()
    assert plain_error(flint, s) <= logarithm.LOG1P
    assert pair_error(flint, 1, s) <= logarithm.LOG1P_PAIR


def test_error_on_random_arguments(flint: Any) -> None:
    """The error is within LOG1P, and comes within a factor of 4 of it."""
    error = plain_error(flint, spread(2, 6000, -1000))
    assert logarithm.LOG1P / 4 <= error <= logarithm.LOG1P


def test_pair_error_on_random_arguments(flint: Any) -> None:
    """The error is within LOG1P_PAIR, and comes within a factor of 32 of it."""
    error = pair_error(flint, 3, spread(3, 6000, -900))
    assert logarithm.LOG1P_PAIR / 32 <= error <= logarithm.LOG1P_PAIR


def test_small_arguments_are_relative(flint: Any) -> None:
    """Below 2**−10, where nothing is reduced, errors are half an ulp or little more."""
    rng = np.random.default_rng(4)
    tiny = 2.0 ** np.append(
        rng.uniform(-1000, -10, 2000), rng.uniform(-10.1, -10, 2000)
    )
    tiny = np.concatenate([tiny, [2.0**-1000, 1e-300, np.nextafter(2.0**-10, 0)]])
    assert plain_error(flint, tiny) <= 1.1 * U
    assert pair_error(flint, 4, tiny[tiny >= 2.0**-900]) <= 2.0**-96.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_errors_on_many_arguments(flint: Any, seed: int) -> None:
    """A hundred thousand random arguments stay within LOG1P and LOG1P_PAIR."""
    assert plain_error(flint, spread(seed, 100_000, -1000)) <= logarithm.LOG1P
    assert pair_error(flint, seed, spread(seed, 100_000, -900)) <= logarithm.LOG1P_PAIR


def test_logarithm_near_one(flint: Any) -> None:
    """log(1 + z) is within a relative 2**−96.2 for all z that a reduction leaves."""
    largest = 2.0**-10 * (1 + 2.0**-9)
    z = np.concatenate([np.linspace(-largest, largest, 4001), [1e-200, -1e-200]])
    z, low = normalised(np.random.default_rng(5), z[z != 0])
    got = balls(flint, *logarithm._log_near_one(z, low))  # noqa: SLF001 - a step of the proof
    error = largest_ratio(got, (x.log1p() for x in balls(flint, z, low)))
    assert 2.0**-96.2 / 32 <= error <= 2.0**-96.2


def test_remainders_of_the_series() -> None:
    """z⁷/7 and v⁵/11 with what follows are below 2**−62.7 |z| and 2**−112."""
    z = Fraction(1, 2**10) * (1 + Fraction(1, 2**9))
    assert (z**6 / 7 / (1 - z)) ** 10 < Fraction(1, 2**627)
    v = (z / (2 - z)) ** 2
    assert v**10 < Fraction(1, 2**219)
    assert v**5 / 11 / (1 - v) < Fraction(1, 2**112)


def test_sums_of_the_derivations() -> None:
    """The terms of the derivations add up to at most the constants."""
    plain = U * (0.6 * (1 + 2.0**-9) + 0.6 * (1 + 2.0**-8) + 0.6 + 1 + 2.0**-20)
    assert plain + 2.0**-91 <= logarithm.LOG1P
    rest = 15 * 2.0**-106 * (1 + 2.0**-9)
    assert rest <= 2.0**-102.09
    series = 7 * U * 2.0**-46.1 + 20.1 * U**2 + 2.0**-112 + 70 * U**2 * 2.0**-23.4
    assert series <= 2.0**-96.2
    least = 2.0**-10 * (1 - 2.0**-10)
    pair = rest * (1 + 2.0**-9) / least + 0.6 * series + 8 * U**2
    assert pair <= logarithm.LOG1P_PAIR


def test_logarithm_of_one_is_zero() -> None:
    """log(1 + 0) is exactly 0, in both words."""
    zero = np.zeros(2)
    assert not logarithm.log1p(zero).any()
    high, low = logarithm.log1p_pair(zero, zero)
    assert not high.any()
    assert not low.any()


def test_pair_results_are_double_words() -> None:
    """The high word is the rounding of the sum of both."""
    high, low = logarithm.log1p_pair(
        *normalised(np.random.default_rng(6), adversarial())
    )
    assert (high + low == high).all()


@pytest.mark.parametrize("shape", [(), (0,), (3, 4), (2, 0, 3), (2, 3, 4)])
@pytest.mark.parametrize("order", ["C", "F", "strided"])
def test_shapes_and_memory_orders(shape: tuple[int, ...], order: str) -> None:
    """Every shape and memory order gives what its numbers give one by one."""
    rng = np.random.default_rng(7)
    s = np.array(rng.uniform(0, 3, shape), order="F" if order == "F" else "C")
    if order == "strided" and shape:
        s = np.repeat(s, 2, axis=-1)[..., ::-2]
    low = np.zeros_like(s)
    read_only(s, low)
    got = (logarithm.log1p(s), *logarithm.log1p_pair(s, low))
    assert all(part.shape == shape for part in got)
    for index in np.ndindex(shape):
        alone = np.array([s[index]])
        single = (logarithm.log1p(alone), *logarithm.log1p_pair(alone, np.zeros(1)))
        assert [part[index] for part in got] == [part[0] for part in single]
