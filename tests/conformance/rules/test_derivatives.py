"""No implementation that keeps to the contract leaves the bounds along a direction."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from directions import Along, exact_hvp, exact_jvp, regression_hvp, regression_jvp
from low_precision import Machine, arithmetic, nearest, tiny
from pipelines import Exact
from problems import ADVERSARIES, Found, classification, ratio, saturated, upstream

from conformance.rules import derivatives
from conformance.rules.derivatives import DirectionRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic, Level

    Floats = NDArray[np.float64]

PROBLEMS = 60
WIDE_RANGE = -900
NARROW_RANGE = -8


def direction(
    random: np.random.Generator, shape: tuple[int, ...], level: Level
) -> Floats:
    """Return a direction: of both signs, of one sign, or far apart."""
    v = random.normal(size=shape)
    kind = random.integers(3)
    if kind == 1:
        v = np.abs(v) + 1
    if kind == 2:
        v = np.exp(3 * v)
    return nearest(v, level)


def classified(contract: Arithmetic, seed: int, *, grid: bool) -> Iterator[Found]:
    """Yield what adversaries reach on one cross-entropy problem."""
    random = np.random.default_rng(seed)
    rows = classification(random, contract.storage)
    v = direction(random, rows.x.shape, contract.storage)
    apart = not grid and saturated(rows, contract.compute.u)
    if Exact(rows).denominator == 0 or apart:
        return
    rules = DirectionRules(rows, contract, v)
    kind = "one term" if rows.plain else "all classes"
    for name, wanted in (("hvp", exact_hvp(rows, v)), ("jvp", exact_jvp(rows, v))):
        machine = Machine(contract, seed, ADVERSARIES, grid=grid)
        got = getattr(Along(rows, v, machine), name)()
        got = got.reshape(ADVERSARIES, *wanted.shape)
        keep = rows.valid.reshape(rows.valid.shape + (1,) * (wanted.ndim - 1))
        exact = np.where(keep, wanted, 0.0) if wanted.ndim else wanted
        yield Found(f"{name}, {kind}", ratio(got, exact[None], getattr(rules, name)()))


def regressed(contract: Arithmetic, seed: int, *, grid: bool) -> Iterator[Found]:
    """Yield what adversaries reach on one MAE and one MSE problem."""
    random = np.random.default_rng(seed)
    level, n = contract.storage, int(random.integers(1, 8))
    x, y = (nearest(random.normal(size=n) * s, level) for s in (1, 0.5))
    v = direction(random, (n,), level)
    for reduction in ("none", "mean", "sum"):
        mean, count = reduction == "mean", n if reduction == "mean" else 1
        up = upstream(random, n, reduction, level)
        machine = Machine(contract, seed, ADVERSARIES, grid=grid)
        bound = derivatives.regression_hvp("mse", v, up, (n,), contract, mean=mean)
        got = regression_hvp(machine, v, up, mean=mean)[..., 0]
        yield Found("mse hvp", ratio(got, (2 * v * up / count)[None], bound))
        for loss, slope in (("mae", np.sign(x - y)), ("mse", 2 * (x - y))):
            terms = slope * v
            exact = terms if reduction == "none" else np.asarray(terms.sum() / count)
            machine = Machine(contract, seed, ADVERSARIES, grid=grid)
            got = regression_jvp(machine, loss, (x, y), v, reduction)
            bound = derivatives.regression_jvp(loss, x, y, v, reduction, contract)
            got = got.reshape(ADVERSARIES, *exact.shape)
            yield Found(f"{loss} jvp {reduction}", ratio(got, exact[None], bound))


def found(problems: range, emin: int, *, grid: bool, stages: bool) -> Iterator[Found]:
    """Yield what adversaries reach on the problems of a range of seeds."""
    for seed in problems:
        random = np.random.default_rng(seed)
        p = int(random.integers(5, 10))
        less = stages or seed % 3 == 0
        storage = tiny(p - int(random.integers(1, 3)), emin) if less else None
        ulps = float(random.choice([0.5, 1.0, 3.0])) if not grid else 1.0
        contract = arithmetic(tiny(p, emin), storage, ulps=ulps)
        contract = replace(contract, stages=stages)
        with np.errstate(all="ignore"):
            yield from classified(contract, seed, grid=grid)
            yield from regressed(contract, seed, grid=grid)


def largest(
    problems: range, emin: int, *, grid: bool, stages: bool
) -> dict[str, float]:
    """Return the largest error/bound of each rule."""
    ratios: dict[str, float] = defaultdict(float)
    for one in found(problems, emin, grid=grid, stages=stages):
        ratios[one.rule] = max(ratios[one.rule], one.ratio)
    return ratios


EVERYWHERE = [
    pytest.mark.parametrize("grid", [True, False], ids=["grid", "model"]),
    pytest.mark.parametrize("stages", [False, True], ids=["wide", "staged"]),
    pytest.mark.parametrize(
        "emin", [WIDE_RANGE, NARROW_RANGE], ids=["normal", "subnormal"]
    ),
]


@EVERYWHERE[0]
@EVERYWHERE[1]
@EVERYWHERE[2]
def test_adversaries_stay_within_the_bound(
    emin: int, *, grid: bool, stages: bool
) -> None:
    """The worst machine that keeps to `wide` or `staged` is inside every bound."""
    ratios = largest(range(PROBLEMS), emin, grid=grid, stages=stages)
    assert {rule: r for rule, r in ratios.items() if r > 1} == {}


@pytest.mark.slow
@EVERYWHERE[0]
@EVERYWHERE[1]
@EVERYWHERE[2]
def test_many_adversaries_stay_within_the_bound(
    emin: int, *, grid: bool, stages: bool
) -> None:
    """So it is over many more problems."""
    ratios = largest(range(20_000, 20_500), emin, grid=grid, stages=stages)
    assert {rule: r for rule, r in ratios.items() if r > 1} == {}


@pytest.mark.parametrize("stages", [False, True], ids=["wide", "staged"])
def test_adversaries_come_near_every_bound(*, stages: bool) -> None:
    """No bound is larger than it must be by more than a factor of 4."""
    ratios = largest(range(2 * PROBLEMS), WIDE_RANGE, grid=False, stages=stages)
    assert len(ratios) == 11
    # ± v is exact.
    assert {rule for rule, r in ratios.items() if r < 0.25} == {"mae jvp none"}


def test_a_second_derivative_of_zero_has_no_tolerance() -> None:
    """MAE's H v is exactly 0."""
    contract = arithmetic(tiny(8))
    bound = derivatives.regression_hvp(
        "mae", np.ones(3), np.ones(3), (3,), contract, mean=True
    )
    assert not bound.error.any()
