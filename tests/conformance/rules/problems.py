"""Random small problems, in the numbers of a format of few bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from low_precision import Machine, nearest
from pipelines import CrossEntropy, Exact, regression_gradient, regression_value
from stages import Staged

from conformance.rules import regression
from conformance.rules.cross_entropy import CrossEntropyRules
from conformance.rules.rows import Rows
from conformance.tolerance import MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic, Level
    from conformance.rules.running import Running

    Floats = NDArray[np.float64]

ADVERSARIES = 101
SHARES = (0, 1, 0.5, 0.3, 0.7, 1.5, -0.3)
WEIGHTS = (0.1, 0.3, 1, 2, 3, 0.0, 7.0)


@dataclass(frozen=True)
class Found:
    """The largest error/bound of one quantity of one problem.

    Attributes:
        rule: Which quantity, and what kind of problem.
        ratio: The largest error/bound over all adversaries and elements.
    """

    rule: str
    ratio: float


def upstream(
    random: np.random.Generator, n: int, reduction: str, level: Level
) -> Floats:
    """Return a cotangent: one number unless there is no reduction."""
    if reduction == "none":
        return nearest(random.normal(size=n) * 2, level)
    return np.full(n, nearest(np.array(random.choice([1, 1, 3.3, 0.3])), level))


def classification(random: np.random.Generator, level: Level) -> Rows:
    """Return a cross-entropy problem with random options."""
    n, c = int(random.integers(1, 5)), int(random.integers(1, 6))
    x = nearest(random.normal(size=(n, c)) * random.choice([0.1, 0.5, 1, 2, 4]), level)
    if random.random() < 0.3:
        x[random.random((n, c)) < 0.5] = x[0, 0]
    shares, indices, valid = None, random.integers(0, c, n), random.random(n) < 0.8
    if random.random() < 0.35:
        shares = nearest(random.choice(SHARES, size=(n, c)), level)
    valid[0] = True
    if shares is not None or random.random() < 0.7:
        valid[:] = True
    weight = None
    if random.random() < 0.5:
        weight = nearest(random.choice(WEIGHTS, size=c), level)
    reduction = str(random.choice(["none", "mean", "sum"]))
    return Rows(
        x,
        None if shares is not None else np.where(valid, indices, 0).astype(np.intp),
        shares,
        valid,
        weight,
        float(random.choice([0, 0, 0.1, 0.5, 0.9, 1.0])),
        reduction,
        upstream(random, n, reduction, level),
    )


def saturated(rows: Rows, u: float) -> bool:
    """Say whether a sum of exponentials is 1 in numbers of the format only."""
    t = rows.x.max(axis=1, keepdims=True) - rows.x
    rest = np.exp(-t).sum(axis=1) - 1
    return bool(rows.classes > 1 and (rest < u / 2).any())


def ratio(got: Floats, exact: Floats, bound: Running) -> float:
    """Return the largest error/bound; rounding errors of float64 are no errors."""
    allowed = np.where(bound.lost | np.isnan(bound.error), np.inf, bound.error * MARGIN)
    error = np.abs(got - exact)
    error = np.where(error <= 1e-14 * np.abs(exact) + 1e-300, 0.0, error)
    with np.errstate(all="ignore"):
        parts = np.where(error == 0, 0.0, error / allowed)
    return float(np.max(parts, initial=0.0))


def classified(contract: Arithmetic, seed: int, *, grid: bool) -> Iterator[Found]:
    """Yield what adversaries reach on one cross-entropy problem."""
    random = np.random.default_rng(seed)
    rows = classification(random, contract.storage)
    exact = Exact(rows)
    if exact.denominator == 0 or (not grid and saturated(rows, contract.compute.u)):
        return
    quantities = ["value", "gradient_input"]
    if rows.probabilities is not None:
        quantities += ["gradient_target", "gradient_weight"]
    kind = "one term" if rows.plain else "all classes"
    for quantity in quantities:
        machine = Machine(contract, seed, ADVERSARIES, grid=grid)
        pipeline = Staged if contract.stages else CrossEntropy
        got = getattr(pipeline(rows, machine), quantity)()
        wanted = getattr(exact, quantity)()
        bound = getattr(CrossEntropyRules(rows, contract), quantity)()
        part = f"{quantity} {rows.reduction}" if quantity == "value" else quantity
        got = got.reshape(ADVERSARIES, *wanted.shape)
        if rows.reduction == "none" and quantity == "value":
            got = np.where(rows.valid, got, 0.0)
        yield Found(f"{part}, {kind}", ratio(got, wanted[None], bound))


def regressed(contract: Arithmetic, seed: int, *, grid: bool) -> Iterator[Found]:
    """Yield what adversaries reach on one MAE and one MSE problem."""
    random = np.random.default_rng(seed)
    level, n = contract.storage, int(random.integers(1, 8))
    scales = random.choice([0.01, 0.1, 1, 4], size=2)
    x, y = (nearest(random.normal(size=n) * s, level) for s in scales)
    if random.random() < 0.3:  # exact differences and sums, where only 1/n can err
        x, y = np.rint(x), np.rint(y)
    for loss in ("mae", "mse"):
        for reduction in ("none", "mean", "sum"):
            machine = Machine(contract, seed, ADVERSARIES, grid=grid)
            got = regression_value(machine, loss, x, y, reduction)
            bound = regression.value(loss, x, y, reduction, contract)
            terms = np.abs(x - y) if loss == "mae" else (x - y) ** 2
            count = n if reduction == "mean" else 1
            wanted = terms if reduction == "none" else np.asarray(terms.sum() / count)
            got = got.reshape(ADVERSARIES, *wanted.shape)
            yield Found(f"{loss} {reduction}", ratio(got, wanted[None], bound))
            up = upstream(random, n, reduction, level)
            for one, kind in ((x, "gradient"), (x[:1], "broadcast gradient")):
                made = _slopes(machine, loss, (one, y), up, mean=reduction == "mean")
                yield Found(f"{loss} {kind} {reduction}", made)


def _slopes(
    machine: Machine, loss: str, pair: tuple[Floats, Floats], up: Floats, *, mean: bool
) -> float:
    """Return the largest error/bound of a gradient by the first of the pair."""
    x, y = pair
    contract, n = machine.contract, len(y) if mean else None
    got = regression_gradient(machine, loss, pair, up, mean=mean)[..., 0]
    scale = regression.factor(up, n, contract)
    full = np.broadcast_to(x, y.shape)
    bound = regression.gradient(
        loss, full, y, scale, x.shape, contract, up if mean else None
    )
    slope = np.sign(full - y) if loss == "mae" else 2 * (full - y)
    exact = slope * up / (n or 1)
    exact = exact if x.size == y.size else exact.sum(keepdims=True)
    return ratio(got, exact[None], bound)
