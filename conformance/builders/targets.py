"""Targets: class indices, class probabilities, and companions of a real input."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders import reals
from conformance.builders.patterns import mask, repeats

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.builders.choices import Choices
    from conformance.builders.grid import Grid

_DISTINCT: Final = 4
_SCALES: Final = (1.0, 1.0, 1.0, 1.0, 0.5, 2.0, 0.0)


def indices(
    choices: Choices, count: int, classes: int, ignore_index: int
) -> NDArray[np.int64]:
    """Return `count` class indices, some of them perhaps the ignored one."""
    values = _labels(choices, count, classes)
    if choices.chance(2, 5):
        marked = mask(choices, count)
        values = [ignore_index if m else v for v, m in zip(values, marked, strict=True)]
    return np.array(values, dtype=np.int64)


def _labels(choices: Choices, count: int, classes: int) -> list[int]:
    top = classes - 1
    style = choices.choice(("drawn", "drawn", "equal", "in turn"))
    if style == "in turn":
        return [i % classes for i in range(count)]
    if style == "equal":
        return [choices.choice((0, top, choices.integer(0, top)))] * count
    if count <= reals.SMALL:
        return [choices.integer(0, top) for _ in range(count)]
    few = [choices.integer(0, top) for _ in range(_DISTINCT)]
    return [few[i] for i in repeats(choices, count, _DISTINCT)]


def probabilities(
    choices: Choices, grid: Grid, count: int, classes: int
) -> NDArray[Any]:
    """Return `(count, classes)` probabilities; most rows sum to one, or nearly so.

    Some sum to 0, 0.5 or 2, many hold exact zeros, few a negative value: the losses
    are defined for these too.
    """
    large = count * classes > reals.SMALL
    distinct = min(count, choices.integer(1, _DISTINCT)) if large else count
    style = choices.choice(_STYLES)
    scale = choices.choice(_SCALES)
    rows = [style(choices, grid, classes) for _ in range(distinct)]
    values = [p * scale for row in rows for p in row]
    if values and choices.chance(1, 20):
        values[choices.integer(0, len(values) - 1)] = -0.25
    table = grid.array(values).reshape(distinct, classes)
    return table[repeats(choices, count, max(distinct, 1))] if large else table


def _one_hot(choices: Choices, grid: Grid, classes: int) -> list[float]:
    del grid
    hot = choices.integer(0, classes - 1)
    return [float(c == hot) for c in range(classes)]


def _dyadic(choices: Choices, grid: Grid, classes: int) -> list[float]:
    # Parts of 2**bits, so that every row sums to exactly one.
    bits = min(grid.precision - 1, 10)
    parts = [0] * classes
    left = 1 << bits
    for _ in range(min(classes, _DISTINCT) - 1):
        part = choices.integer(0, left)
        parts[choices.integer(0, classes - 1)] += part
        left -= part
    parts[choices.integer(0, classes - 1)] += left
    return [math.ldexp(part, -bits) for part in parts]


def _proportional(choices: Choices, grid: Grid, classes: int) -> list[float]:
    few = [choices.integer(1, 1000) for _ in range(min(classes, _DISTINCT))]
    counts = [few[c % len(few)] for c in range(classes)]
    total = sum(counts)
    return [grid.snap(k / total) for k in counts]


def companion(choices: Choices, grid: Grid, given: NDArray[Any]) -> NDArray[Any]:
    """Return a real target for `given`: drawn apart from it, near it, or far off."""
    flat = given.reshape(1, -1)
    style = choices.choice(("apart", "apart", "apart", "near", "same", "opposite"))
    if style == "near":
        return _near(choices, grid, flat).reshape(given.shape)
    if style == "same":
        return _one_off(choices, grid, flat).reshape(given.shape)
    if style == "opposite":
        return -given
    return reals.draw(choices, grid, *flat.shape).reshape(given.shape)


def _near(choices: Choices, grid: Grid, given: NDArray[Any]) -> NDArray[Any]:
    exact = [float(v) for v in given.reshape(-1)]
    steps = [choices.integer(-3, 3) for _ in exact]
    moved = [
        grid.snap(v + k * grid.quantum(v)) if math.isfinite(v) else v
        for v, k in zip(exact, steps, strict=True)
    ]
    return grid.array(moved).reshape(given.shape)


def _one_off(choices: Choices, grid: Grid, given: NDArray[Any]) -> NDArray[Any]:
    changed = given.copy()
    if given.size and choices.chance(2, 3):
        place = choices.integer(0, given.size - 1)
        changed.reshape(-1)[place] = reals.ordinary(choices, grid, 1)[0]
    return changed


_STYLES: Final[tuple[Callable[[Choices, Grid, int], list[float]], ...]] = (
    _one_hot,
    _dyadic,
    _dyadic,
    _proportional,
)
