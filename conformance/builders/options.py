"""Keyword options, class weights and the upstream gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from conformance.builders import reals

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.builders.choices import Choices
    from conformance.builders.grid import Grid

    Draw = Callable[[Choices, Grid, int], list[float]]

DEFAULT_IGNORE: Final = -100
SMOOTHING: Final = (
    *(0.1, 0.1, 0.5, 1e-3, 0.0, 1.0, 2.0**-40, 1 - 2.0**-24),
    2.0**-140,  # subnormal in float32, and less than any number of a half format
)

_MODERATE: Final = -80
"""Exponent of a small cotangent whose products are still far from the end."""

_REDUCTIONS: Final = (None, "mean", "sum", "none", "none")
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


def reduction(choices: Choices) -> str | None:
    """Return a reduction, or None to leave it out."""
    return choices.choice(_REDUCTIONS)


def ignore_index(choices: Choices, classes: int) -> int | None:
    """Return an ignored index, perhaps one inside the class range, or None.

    Or one that is a class in a narrower integer.
    """
    if not choices.chance(2, 5):
        return None
    if choices.chance(1, 6):
        label = choices.integer(0, classes - 1)
        bits = choices.choice((8, 16, 32))
        return label + choices.choice((1, -1)) * (1 << bits)
    return choices.choice(
        (DEFAULT_IGNORE, -1, 0, classes - 1, 255, 256, classes, -(2**31), -(2**63))
    )


def label_smoothing(choices: Choices) -> float | None:
    """Return an amount of smoothing, or None to leave it out."""
    return choices.choice(SMOOTHING) if choices.chance(2, 5) else None


def weight(choices: Choices, grid: Grid, classes: int) -> NDArray[Any] | None:
    """Return a weight for each class, or None."""
    if not choices.chance(2, 5):
        return None
    return grid.array(choices.choice(_WEIGHTS)(choices, grid, classes))


def _distinct(choices: Choices, grid: Grid, classes: int) -> list[float]:
    start = choices.integer(0, len(_PRIMES) - 1)
    primes = (_PRIMES[(start + c) % len(_PRIMES)] for c in range(classes))
    return [grid.snap(p / 3) for p in primes]


def _fractions(choices: Choices, grid: Grid, classes: int) -> list[float]:
    # Small enough that a denominator clamped at one would show.
    return [w / 64 for w in _distinct(choices, grid, classes)]


def _with_zero(choices: Choices, grid: Grid, classes: int) -> list[float]:
    values = _distinct(choices, grid, classes)
    values[choices.integer(0, classes - 1)] = 0.0
    return values


def _uneven(choices: Choices, grid: Grid, classes: int) -> list[float]:
    values = _distinct(choices, grid, classes)
    place = choices.integer(0, classes - 1)
    values[place] = grid.snap(choices.choice((1e-6, 1e6)))
    return values


def _negative(choices: Choices, grid: Grid, classes: int) -> list[float]:
    values = _distinct(choices, grid, classes)
    place = choices.integer(0, classes - 1)
    values[place] = -values[place]
    return values


def _huge(choices: Choices, grid: Grid, classes: int) -> list[float]:
    values = _distinct(choices, grid, classes)
    values[choices.integer(0, classes - 1)] = math.ldexp(1.0, grid.emax // 3)
    return values


def _cancelling(choices: Choices, grid: Grid, classes: int) -> list[float]:
    values = _distinct(choices, grid, classes)
    place = choices.integer(0, classes - 1)
    values[place] = -values[(place + 1) % classes]
    return values


def _vanishing(choices: Choices, grid: Grid, classes: int) -> list[float]:
    """Return weights around the smallest normal number, of which some are subnormal."""
    smallest = math.ldexp(1.0, grid.emin)
    return [grid.snap(w * smallest) for w in _distinct(choices, grid, classes)]


def _vast(choices: Choices, grid: Grid, classes: int) -> list[float]:
    """Return weights of which few can be added."""
    largest = math.ldexp(1.0, grid.emax - 4)
    return [grid.snap(w * largest) for w in _distinct(choices, grid, classes)]


def _all_zero(choices: Choices, grid: Grid, classes: int) -> list[float]:
    del choices, grid
    return [0.0] * classes


def upstream(
    choices: Choices, grid: Grid, shape: tuple[int, ...]
) -> NDArray[Any] | None:
    """Return a cotangent of `shape`, seldom ones, or None.

    A gradient kernel that skips its scaling at exactly one needs any other value.
    """
    if not choices.chance(2, 5):
        return None
    count = math.prod(shape)
    drawn = choices.choice(_UPSTREAM)(choices, grid, min(count, reals.SMALL))
    values = [drawn[i % len(drawn)] for i in range(count)]
    return grid.array(values).reshape(shape)


def tangent(
    choices: Choices, grid: Grid, shape: tuple[int, ...]
) -> NDArray[Any] | None:
    """Return a direction of `shape` in about one of 12 calls, none if it is large."""
    count = math.prod(shape)
    if count > reals.SMALL or not choices.chance(1, 12):
        return None
    values = choices.choice(_TANGENTS)(choices, grid, count)
    return grid.array(values).reshape(shape)


def _fixed(value: float) -> Draw:
    return lambda _choices, _grid, count: [value] * count


def _powers(choices: Choices, grid: Grid, count: int) -> list[float]:
    del grid
    return [
        choices.choice((1, -1)) * math.ldexp(1.0, choices.integer(-12, 12))
        for _ in range(count)
    ]


def _ends(choices: Choices, grid: Grid, count: int) -> list[float]:
    """Return one very large or small number, as often as needed.

    Of two in three the products with usual weights and probabilities keep the range.
    """
    moderate = (grid.emax // 3, max(grid.emin, _MODERATE))
    exponent = choices.choice((*moderate, *moderate, grid.emax, grid.emin))
    return [choices.choice((1, -1)) * math.ldexp(1.0, exponent)] * count


def _tiny(choices: Choices, grid: Grid, count: int) -> list[float]:
    """Return subnormal numbers of few units, of both signs."""
    return [
        choices.choice((1, -1)) * choices.integer(1, 8) * grid.tiny
        for _ in range(count)
    ]


def _zero_first(choices: Choices, grid: Grid, count: int) -> list[float]:
    return [0.0, *reals.small_integers(choices, grid, count)[1:]]


_WEIGHTS: Final[tuple[Draw, ...]] = (
    *(_distinct,) * 4,
    *(_fractions,) * 2,
    *(_with_zero,) * 2,
    *(_uneven,) * 2,
    _negative,
    _cancelling,
    _huge,
    _all_zero,
    _vanishing,
    _vast,
)
_TANGENTS: Final[tuple[Draw, ...]] = (
    *(reals.small_integers,) * 3,
    *(reals.ordinary,) * 3,
    reals.equal,
    reals.near_powers,
)
_UPSTREAM: Final[tuple[Draw, ...]] = (
    reals.small_integers,
    reals.ordinary,
    reals.ordinary,
    _zero_first,
    _fixed(-1.0),
    _fixed(1024.0),
    _fixed(0.5),
    _fixed(0.0),
    _powers,
    _ends,
    _ends,
    _tiny,
)
