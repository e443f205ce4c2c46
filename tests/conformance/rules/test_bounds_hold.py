"""No implementation that keeps to the contract is outside its bound."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from low_precision import arithmetic, nearest, tiny
from problems import classified, regressed

from conformance.rules import regression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from problems import Found

    from conformance.rules.arithmetic import Arithmetic

PROBLEMS = 16
WIDE_RANGE = -900
NARROW_RANGE = -8
RULES = 28
SHARP = 0.25

# Nothing but the sign is computed, and u is stored already: the bound is zero.
EXACT = {"mae gradient none", "mae gradient sum"}
KINDS = (
    "shift",
    "one rounding",
    "strict",
    "staged",
    "narrow sums",
    "wide sums",
    "flush",
    "lse",
    "exp2-diff",
    "exp2-sep",
    "exp2-fma",
    "online",
    "online exp2-sep",
    "online exp2-fma",
    "absolute log",
)


def contract(kind: str, seed: int, emin: int, *, grid: bool) -> Arithmetic:
    """Return a contract of one kind, with formats of few bits."""
    random = np.random.default_rng(seed)
    p = int(random.integers(4, 9)) + 3 * (kind == "staged")
    flush = kind == "flush"
    compute = tiny(p, emin, flush=flush)
    narrow = tiny(p - int(random.integers(1, 3)), emin, flush=flush)
    fine = tiny(p + 8, emin)
    ulps = 1.0 if grid else float(random.choice([0.5, 1.0, 3.0]))
    made = arithmetic(compute, ulps=ulps)
    changes: dict[str, dict[str, Any]] = {
        "one rounding": {"storage": narrow},
        "strict": {"compute": fine, "sums": fine, "exp": 2 * fine.u, "log": 2 * fine.u},
        "staged": {"storage": narrow, "stages": True},
        "narrow sums": {"sums": narrow},
        "wide sums": {"sums": fine},
        "flush": {"storage": narrow} if seed % 2 else {},
        "absolute log": {"log_absolute": compute.u * float(random.choice([0.5, 2]))},
    }
    if kind in changes:
        return replace(made, **changes[kind])
    scheme = kind.removeprefix("online").strip()
    times = 99 if kind.startswith("online") else 0
    return replace(made, rescalings=times, scheme=scheme or "shift")


def found(kind: str, problems: range, emin: int, *, grid: bool) -> Iterator[Found]:
    """Yield what adversaries reach on the problems of a range of seeds."""
    for seed in problems:
        one = contract(kind, seed, emin, grid=grid)
        with np.errstate(all="ignore"):
            yield from classified(one, seed, grid=grid)
            yield from regressed(one, seed, grid=grid)


def largest(kind: str, problems: range, emin: int, *, grid: bool) -> dict[str, float]:
    """Return the largest error/bound of each rule."""
    ratios: dict[str, float] = defaultdict(float)
    for one in found(kind, problems, emin, grid=grid):
        ratios[one.rule] = max(ratios[one.rule], one.ratio)
    return ratios


def outside(ratios: dict[str, float]) -> dict[str, float]:
    """Return the rules that were exceeded."""
    return {rule: r for rule, r in ratios.items() if r > 1}


@pytest.mark.parametrize("kind", KINDS)
def test_adversaries_stay_within_the_bound_and_come_near_it(kind: str) -> None:
    """The worst machine that keeps to a contract is inside every bound, and near it."""
    ratios = largest(kind, range(2 * PROBLEMS), WIDE_RANGE, grid=False)
    assert outside(ratios) == {}
    assert len(ratios) == RULES
    assert {rule for rule, r in ratios.items() if r < SHARP} - EXACT == set()


@pytest.mark.parametrize("kind", KINDS)
def test_subnormal_numbers_stay_within_the_bound(kind: str) -> None:
    """So it is where results are subnormal, on numbers of a format."""
    ratios = largest(kind, range(PROBLEMS), NARROW_RANGE, grid=True)
    assert outside(ratios) == {}


@pytest.mark.slow
@pytest.mark.parametrize("grid", [True, False], ids=["grid", "model"])
@pytest.mark.parametrize(
    "emin", [WIDE_RANGE, NARROW_RANGE], ids=["normal", "subnormal"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_many_adversaries_stay_within_the_bound(
    kind: str, emin: int, *, grid: bool
) -> None:
    """So it is over many more problems."""
    ratios = largest(kind, range(10_000, 10_400), emin, grid=grid)
    assert outside(ratios) == {}


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


def test_two_exact_factors_may_be_multiplied_in_one_after_the_other() -> None:
    """(−log p · t) · u rounds twice where t · u is exact: this problem showed it."""
    ratios = largest("online", range(10_057, 10_058), WIDE_RANGE, grid=False)
    assert SHARP < ratios["gradient_weight, all classes"] <= 1
