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
_STEEPEST: Final = 600.0
_SQUARINGS: Final = 26
"""The error of `_exp`, near x² 2**-27, is then below that of float32 for usual x."""


def indices(
    choices: Choices, count: int, classes: int, ignore_index: int, length: int = 1
) -> NDArray[np.int64]:
    """Return `count` class indices, some of them perhaps the ignored one.

    Args:
        choices: Where every choice comes from.
        count: How many rows.
        classes: C.
        ignore_index: The ignored index.
        length: Rows of one sequence, see `patterns.mask`.
    """
    values = _labels(choices, count, classes)
    if choices.chance(2, 5):
        marked = mask(choices, count, length)
        values = [ignore_index if m else v for v, m in zip(values, marked, strict=True)]
    return np.array(values, dtype=np.int64)


def _labels(choices: Choices, count: int, classes: int) -> list[int]:
    top = classes - 1
    style = choices.choice(("drawn", "drawn", "equal", "in turn", "at ends"))
    if style == "at ends":
        few = [_end(choices, top) for _ in range(min(count, _DISTINCT))]
        return [few[i % len(few)] for i in range(count)]
    if style == "in turn":
        return [i % classes for i in range(count)]
    if style == "equal":
        return [choices.choice((0, top, choices.integer(0, top)))] * count
    if count <= reals.SMALL:
        return [choices.integer(0, top) for _ in range(count)]
    few = [choices.integer(0, top) for _ in range(_DISTINCT)]
    return [few[i] for i in repeats(choices, count, _DISTINCT)]


def _end(choices: Choices, top: int) -> int:
    """Return a class where a tile of classes, or an integer format, may end."""
    power = 1 << choices.integer(0, top.bit_length())
    return min(choices.choice((top, top - 1 if top else 0, power, power - 1)), top)


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


def near_softmax(grid: Grid, logits: NDArray[Any]) -> NDArray[Any]:
    """Return shares near the softmax of finite rows: the gradients nearly vanish.

    Where the logits of a row are not all finite, its shares are 1/C.
    """
    rows = logits.astype(np.float64)
    tame = np.isfinite(rows).all(axis=1, keepdims=True)
    halves = np.where(tame, rows, 0.0) / 2  # of which no difference overflows
    below = halves.max(axis=1, keepdims=True, initial=-math.inf) - halves
    powers = _exp(-2 * np.minimum(below, _STEEPEST / 2))
    shares = powers / powers.sum(axis=1, keepdims=True)
    snapped = [grid.snap(float(p)) for p in shares.reshape(-1)]
    return grid.array(snapped).reshape(logits.shape)


def _exp(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return about exp(x), with the same bits everywhere: no library function does."""
    result = 1 + x / (1 << _SQUARINGS)
    for _ in range(_SQUARINGS):
        result = result * result
    return result


def companion(choices: Choices, grid: Grid, given: NDArray[Any]) -> NDArray[Any]:
    """Return a real target for `given`: drawn apart from it, near it, or far off."""
    flat = given.reshape(1, -1)
    style = choices.choice(_COMPANIONS)
    if style == "near":
        return _near(choices, grid, flat).reshape(given.shape)
    if style == "same":
        return _one_off(choices, grid, flat).reshape(given.shape)
    if style == "opposite":
        return -given
    if style == "nothing":
        return np.zeros_like(given)
    if style == "within a factor of two":
        return _within_a_factor(choices, grid, flat).reshape(given.shape)
    return reals.draw(choices, grid, *flat.shape).reshape(given.shape)


def _near(choices: Choices, grid: Grid, given: NDArray[Any]) -> NDArray[Any]:
    exact = [float(v) for v in given.reshape(-1)]
    steps = [choices.integer(-3, 3) for _ in exact]
    moved = [
        grid.snap(v + k * grid.quantum(v)) if math.isfinite(v) else v
        for v, k in zip(exact, steps, strict=True)
    ]
    return grid.array(moved).reshape(given.shape)


def _within_a_factor(choices: Choices, grid: Grid, given: NDArray[Any]) -> NDArray[Any]:
    """Return numbers from half to twice the given ones, where x − y is exact."""
    exact = [float(v) for v in given.reshape(-1)]
    factors = [choices.integer(64, 256) / 128 for _ in exact]
    moved = [
        grid.snap(v * f) if math.isfinite(v * f) else v
        for v, f in zip(exact, factors, strict=True)
    ]
    return grid.array(moved).reshape(given.shape)


def _one_off(choices: Choices, grid: Grid, given: NDArray[Any]) -> NDArray[Any]:
    changed = given.copy()
    if given.size and choices.chance(2, 3):
        place = choices.integer(0, given.size - 1)
        changed.reshape(-1)[place] = reals.ordinary(choices, grid, 1)[0]
    return changed


_COMPANIONS: Final = (
    *("apart",) * 4,
    "near",
    "same",
    "opposite",
    "nothing",
    "within a factor of two",
)

_STYLES: Final[tuple[Callable[[Choices, Grid, int], list[float]], ...]] = (
    _one_hot,
    _dyadic,
    _dyadic,
    _proportional,
)
