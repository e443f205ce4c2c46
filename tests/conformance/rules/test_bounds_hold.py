"""No implementation that keeps to the contract is outside its bound."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from low_precision import arithmetic, nearest, tiny
from problems import classified, regressed

from conformance.rules import regression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from problems import Found

PROBLEMS = 50
WIDE_RANGE = -900
NARROW_RANGE = -8


def found(problems: range, emin: int, *, grid: bool) -> Iterator[Found]:
    """Yield what adversaries reach on the problems of a range of seeds."""
    for seed in problems:
        random = np.random.default_rng(seed)
        p = int(random.integers(4, 9))
        storage = tiny(p - int(random.integers(1, 3)), emin) if seed % 3 == 0 else None
        ulps = float(random.choice([0.5, 1.0, 3.0])) if not grid else 1.0
        contract = arithmetic(tiny(p, emin), storage, ulps=ulps)
        with np.errstate(all="ignore"):
            yield from classified(contract, seed, grid=grid)
            yield from regressed(contract, seed, grid=grid)


def largest(problems: range, emin: int, *, grid: bool) -> dict[str, float]:
    """Return the largest error/bound of each rule."""
    ratios: dict[str, float] = defaultdict(float)
    for one in found(problems, emin, grid=grid):
        ratios[one.rule] = max(ratios[one.rule], one.ratio)
    return ratios


@pytest.mark.parametrize("grid", [True, False], ids=["grid", "model"])
@pytest.mark.parametrize(
    "emin", [WIDE_RANGE, NARROW_RANGE], ids=["normal", "subnormal"]
)
@pytest.mark.parametrize("block", range(2))
def test_adversaries_stay_within_the_bound(
    emin: int, block: int, *, grid: bool
) -> None:
    """The worst machine that keeps to `wide` is inside every bound."""
    ratios = largest(range(block * PROBLEMS, (block + 1) * PROBLEMS), emin, grid=grid)
    assert {rule: r for rule, r in ratios.items() if r > 1} == {}


@pytest.mark.slow
@pytest.mark.parametrize("grid", [True, False], ids=["grid", "model"])
@pytest.mark.parametrize(
    "emin", [WIDE_RANGE, NARROW_RANGE], ids=["normal", "subnormal"]
)
def test_many_adversaries_stay_within_the_bound(emin: int, *, grid: bool) -> None:
    """So it is over many more problems."""
    ratios = largest(range(10_000, 10_400), emin, grid=grid)
    assert {rule: r for rule, r in ratios.items() if r > 1} == {}


def test_adversaries_come_near_every_bound() -> None:
    """No bound is larger than it must be by more than a small factor."""
    ratios = largest(range(2 * PROBLEMS), WIDE_RANGE, grid=False)
    exact = {"mae gradient none", "mae gradient sum"}
    assert len(ratios) == 22
    assert {rule for rule, r in ratios.items() if r < 0.4} == exact


@pytest.mark.parametrize("n", range(1, 16))
@pytest.mark.parametrize("precision", range(3, 9))
def test_a_mean_may_multiply_by_the_reciprocal(precision: int, n: int) -> None:
    """An exact sum times fl(1/n) is inside the bound of the mean, for every sum."""
    level = tiny(precision)
    share = nearest(np.array(1.0 / nearest(np.array(float(n)), level)), level)
    for total in range(1, 2**precision):
        x = np.zeros(n)
        x[0] = total
        got = nearest(np.asarray(total * share), level)
        bound = regression.value("mae", x, np.zeros(n), "mean", arithmetic(level))
        assert abs(got - total / n) <= bound.error * (1 + 1e-12)
