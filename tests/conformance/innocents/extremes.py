"""Random cases at the edges of the formats, as no user draws them and no pool does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.builders.grid import grid
from conformance.case import Array, Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LENGTHS = (1, 1, 2, 3, 4, 5, 8, 20, 70, 130)
CLASSES = (1, 2, 2, 3, 4, 5, 8, 9, 70, 130)
SMOOTHINGS = (0.1, 0.5, 1.0, 2.0**-40, 2.0**-100, 1e-300, 1 - 2.0**-24, 1e-6)
ODD = (-np.inf, np.inf, np.nan)
LOGITS_ODD = (-np.inf, -np.inf, -np.inf, np.inf, np.nan)


class Extremes:
    """A source of extreme numbers of one format.

    Attributes:
        random: Where every choice comes from.
        grid: The numbers of the format.
    """

    def __init__(self, seed: int, dtype: str) -> None:
        """Start the stream of a seed."""
        self.random = np.random.default_rng([seed, grid(dtype).precision])
        self.grid = grid(dtype)

    def chance(self, share: float) -> bool:
        """Return True in about `share` of all calls."""
        return bool(self.random.random() < share)

    def scale(self) -> float:
        """Return a power of two anywhere in the format."""
        g, lowest = self.grid, self.grid.emin - self.grid.precision + 1
        ranges = (
            *((0, 1), (lowest, g.emax), (lowest, g.emin + 3), (g.emax - 4, g.emax)),
            *((-8, 8), (max(g.emin, -30), 10)),
            *((half, half + 1) for half in (g.emax // 2, g.emin // 2)),
        )
        low, high = ranges[self.random.integers(len(ranges))]
        return float(2.0 ** self.random.integers(low, high))

    def snapped(self, values: Any) -> Floats:
        """Return the nearest finite numbers of the format; infinities and nan stay."""
        flat = np.asarray(values, dtype=np.float64).ravel()
        made = [self.grid.snap(v) if np.isfinite(v) else v for v in flat.tolist()]
        return np.array(made, dtype=np.float64).reshape(np.shape(values))

    def values(self, shape: tuple[int, ...]) -> Floats:
        """Return finite numbers in one of many ways."""
        n = int(np.prod(shape))
        with np.errstate(all="ignore"):
            made = self._WAYS[self.random.integers(len(self._WAYS))](self, n)
            largest = self.grid.largest
            return self.snapped(np.clip(made, -largest, largest)).reshape(shape)

    def _integers(self, n: int) -> Floats:
        return np.asarray(self.random.integers(-4, 5, n) * self.scale())

    def _normal(self, n: int) -> Floats:
        return np.asarray(self.random.normal(size=n) * self.scale())

    def _usual(self, n: int) -> Floats:
        spread = self.random.choice([0.1, 1, 4, 20, 100])
        return np.asarray(self.random.normal(size=n) * spread)

    def _equal(self, n: int) -> Floats:
        return np.full(n, self.scale() * self.random.choice([-1, 1]))

    def _apart(self, n: int) -> Floats:
        return np.array([self.scale() * self.random.normal() for _ in range(n)])

    def _codes(self, n: int) -> Floats:
        codes = self.random.integers(0, self.grid.top_code + 1, n).tolist()
        made = [self.grid.decode(code) for code in codes]
        return np.asarray(np.array(made) * self.random.choice([-1, 1], n))

    def _nothing(self, n: int) -> Floats:
        return np.zeros(n)

    def _ahead(self, n: int) -> Floats:
        made = self.random.normal(size=n) * 3
        if n:
            made[self.random.integers(n)] = self.scale() * self.random.choice([-1, 1])
        return np.asarray(made)

    def _sparse(self, n: int) -> Floats:
        return np.where(self.random.random(n) < 0.5, 0.0, self._normal(n))

    def _ends(self, n: int) -> Floats:
        g = self.grid
        ends = (g.largest, g.largest / 2, 2.0**g.emin, g.tiny, 1, 100, 745, 88)
        return np.asarray(self.random.choice([0, *ends, *(-e for e in ends)], n))

    _WAYS: tuple[Callable[[Extremes, int], Floats], ...] = (
        *(_integers, _normal, _usual, _equal, _apart, _codes),
        *(_nothing, _ahead, _sparse, _ends),
    )

    def sprinkled(
        self, values: Floats, share: float, odd: tuple[float, ...] = ODD
    ) -> Floats:
        """Return the values, in some cases with one of `odd` in some places."""
        if not self.chance(share):
            return values
        places = self.random.random(values.shape) < self.random.choice([0.2, 0.5])
        return np.where(places, self.random.choice(odd), values)

    def upstream(self, shape: tuple[int, ...]) -> Floats | None:
        """Return a cotangent, or None."""
        return self.sprinkled(self.values(shape), 0.03) if self.chance(0.6) else None


def extreme(seed: int, loss: str, dtype: str) -> Case:
    """Return a valid case."""
    source = Extremes(seed, dtype)
    reduction = str(source.random.choice(["none", "mean", "sum"]))
    draw = _classified if loss == "cross_entropy" else _regressed
    arguments, options, rows = draw(source, reduction)
    up = source.upstream(rows if reduction == "none" else ())
    shape = arguments["input"].shape
    tangent = source.values(shape) if source.chance(0.3) else None
    return Case(
        loss,
        dtype,
        {k: _array(v, dtype) for k, v in arguments.items()},
        {"reduction": reduction, **options},
        None if up is None else Array.of(up, dtype),
        f"extreme:{seed}",
        None if tangent is None else Array.of(tangent, dtype),
    )


def _array(values: NDArray[Any], dtype: str) -> Array:
    return Array.of(values, None if values.dtype.kind == "i" else dtype)


def _regressed(
    source: Extremes, _reduction: str
) -> tuple[dict[str, NDArray[Any]], dict[str, Any], tuple[int, ...]]:
    n = int(source.random.choice(LENGTHS))
    shapes = [((n,), (n,))] * 5 + [((1,), (n,)), ((2, n), (n,))]
    left, right = shapes[source.random.integers(len(shapes))]
    x = source.sprinkled(source.values(left), 0.1)
    y = source.sprinkled(source.values(right), 0.05)
    if left == right and source.chance(0.3):
        factor = source.random.choice([1, 0.5, 2, -1, 1 + 2.0**-7])
        with np.errstate(all="ignore"):
            y = source.snapped(
                np.where(source.random.random(left) < 0.5, x, x * factor)
            )
    return {"input": x, "target": y}, {}, np.broadcast_shapes(left, right)


def _classified(
    source: Extremes, _reduction: str
) -> tuple[dict[str, NDArray[Any]], dict[str, Any], tuple[int, ...]]:
    n, c = int(source.random.integers(1, 6)), int(source.random.choice(CLASSES))
    n = min(n, 2) if c > 9 else n
    x = source.sprinkled(source.values((n, c)), 0.25, LOGITS_ODD)
    arguments: dict[str, NDArray[Any]] = {"input": x}
    options: dict[str, Any] = {}
    if source.chance(0.45):
        arguments["target"] = _probabilities(source, x)
    else:
        arguments["target"] = source.random.integers(0, c, n)
        if source.chance(0.3):
            options["ignore_index"] = int(source.random.choice([-100, 0, c - 1]))
    if source.chance(0.55):
        weight = source.values((c,))
        weight = np.abs(weight) if source.chance(0.3) else weight
        arguments["weight"] = source.sprinkled(weight, 0.04)
    if source.chance(0.5):
        options["label_smoothing"] = float(source.random.choice(SMOOTHINGS))
    return arguments, options, (n,)


def _probabilities(source: Extremes, x: Floats) -> Floats:
    made = source.values(x.shape)
    if source.chance(0.6):
        made = source.random.dirichlet(np.ones(x.shape[1]), len(x))
        made = np.where(source.random.random(x.shape) < 0.3, 0.0, made)
    if source.chance(0.5):
        made = np.where(np.isneginf(x), 0.0, made)
    return source.snapped(made)
