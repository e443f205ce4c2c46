"""Finite real values in a storage format, row by row, each row in one mode."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.patterns import repeats

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.builders.choices import Choices
    from conformance.builders.grid import Grid

    Mode = Callable[[Choices, Grid, int], list[float]]

SMALL: Final = 64
"""Up to so many elements every one is drawn; beyond, few are, and repeated."""

GAPS: Final = (
    *(20.0, 40.0, 87.0, 88.0, 89.0, 90.0, 103.0, 104.0, 105.0),
    *(200.0, 709.0, 710.0, 745.0, 746.0, 1e4, math.inf),
)
"""By how much one value is ahead; infinity stands for the largest finite number."""

OFFSETS: Final = (1e3, 1e4, 1e6, 1e8, 1e30)

_DISTINCT: Final = 4
_INTEGER: Final = 8


def draw(choices: Choices, grid: Grid, rows: int, width: int) -> NDArray[Any]:
    """Return `(rows, width)` finite values."""
    if rows * width > SMALL:
        return _repeated(choices, grid, rows, width, MODES)
    if rows > 1 and choices.chance(1, 6):
        return _repeated(choices, grid, rows, width, MODES)
    mode = choices.choice(MODES)
    mixed = rows > 1 and choices.chance(1, 4)
    values: list[float] = []
    for _ in range(rows):
        used = choices.choice(MODES) if mixed else mode
        values += used(choices, grid, width)
    return grid.array(values).reshape(rows, width)


def draw_integers(choices: Choices, grid: Grid, rows: int, width: int) -> NDArray[Any]:
    """Return `(rows, width)` small integers, of which any float32 sum is exact."""
    return _repeated(choices, grid, rows, width, (small_integers,))


def _repeated(
    choices: Choices, grid: Grid, rows: int, width: int, modes: tuple[Mode, ...]
) -> NDArray[Any]:
    short = width if width <= SMALL else choices.integer(1, _DISTINCT)
    distinct = min(rows, choices.integer(1, _DISTINCT))
    mode = choices.choice(modes)
    values = [v for _ in range(distinct) for v in mode(choices, grid, short)]
    templates = grid.array(values).reshape(distinct, short)
    if short < width:
        templates = templates[:, repeats(choices, width, short)]
    return np.ascontiguousarray(templates[repeats(choices, rows, max(distinct, 1))])


def small_integers(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return integers between -8 and 8."""
    del grid
    return [float(choices.integer(-_INTEGER, _INTEGER)) for _ in range(width)]


def ordinary(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return numbers of full precision, spread evenly up to 1, 8 or 64."""
    top = 1 << grid.precision
    shift = choices.choice((0, 3, 6)) - grid.precision
    return [math.ldexp(choices.integer(-top, top), shift) for _ in range(width)]


def equal(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return one number, as often as needed."""
    mode = choices.choice((small_integers, ordinary, bit_space))
    return mode(choices, grid, 1) * width


def wide_gap(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return numbers of which one is ahead of the others, or behind, by much."""
    base = float(choices.choice((0, 0, 1, -3)))
    values = [base] * width
    if width:
        gap = grid.snap(min(choices.choice(GAPS), grid.largest))
        sign = choices.choice((1, -1))
        values[choices.integer(0, width - 1)] = grid.snap(base + sign * gap)
    return values


def narrow_gap(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return zeros of which one is ahead, or behind, by a few units."""
    values = [0.0] * width
    if width:
        gap = grid.snap(choices.integer(1, 4 * 24) / 4)
        sign = choices.choice((-1, 1))
        values[choices.integer(0, width - 1)] = sign * gap
    return values


def middle_gap(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return numbers of which one is ahead of zeros, or behind, by 8 to 120."""
    values = [0.0] * width
    if width:
        gap = grid.snap(choices.integer(8 << 10, 120 << 10) / (1 << 10))
        values[choices.integer(0, width - 1)] = choices.choice((1, -1)) * gap
    return values


def stagnating(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return a one and then numbers that are lost when they are added to it singly."""
    unit = math.ldexp(1.0, choices.choice((0, -1)) - grid.precision)
    return [1.0, *[unit] * (width - 1)] if width else []


def square_roots(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return numbers whose squares are near the ends of the format's range."""
    exponent = choices.choice((grid.emax + 1, grid.emin)) // 2
    return [
        choices.choice((1, -1))
        * grid.snap(math.ldexp(choices.integer(4, 16) / 8, exponent))
        for _ in range(width)
    ]


def offset(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return a large offset plus small steps on the format's grid at the offset."""
    fitting = [x for x in OFFSETS if x <= grid.largest / 2]
    base = grid.snap(choices.choice(fitting) * choices.choice((1, -1)))
    step = grid.quantum(base)
    steps = (choices.integer(-_INTEGER, _INTEGER) for _ in range(width))
    return [grid.snap(base + step * k) for k in steps]


def near_powers(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return neighbours of powers of two, those above and those below."""
    return [_near_power(choices, grid) for _ in range(width)]


def _near_power(choices: Choices, grid: Grid) -> float:
    wide = choices.chance(1, 4)
    ends = (grid.emin + 1, grid.emax) if wide else (-4, 6)
    power = math.ldexp(1.0, choices.integer(*ends))
    side = choices.choice((0, 1, -1))
    step = grid.quantum(power) / (1 if side > 0 else 2)
    return choices.choice((1, -1)) * (power + side * step)


def signed_zeros(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return zeros of both signs."""
    del grid
    return [choices.choice((0.0, -0.0)) for _ in range(width)]


def subnormals(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return subnormal numbers, zero and the first normal one."""
    top = 1 << (grid.precision - 1)
    few = choices.choice((top, _INTEGER))
    return [_signed(choices, grid, choices.integer(0, few)) for _ in range(width)]


def bit_space(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return numbers spread evenly over all codes, so evenly over exponents."""
    return [
        _signed(choices, grid, choices.integer(0, grid.top_code)) for _ in range(width)
    ]


def extremes(choices: Choices, grid: Grid, width: int) -> list[float]:
    """Return numbers at the ends of the format's range."""
    smallest = math.ldexp(1.0, grid.emin)
    ends = (0.0, 1.0, grid.largest, grid.largest / 2, smallest, grid.tiny)
    return [choices.choice(ends) * choices.choice((1, -1)) for _ in range(width)]


def _signed(choices: Choices, grid: Grid, code: int) -> float:
    return choices.choice((1, -1)) * grid.decode(code)


MODES: Final[tuple[Mode, ...]] = (
    *(small_integers,) * 4,
    *(ordinary,) * 6,
    *(narrow_gap,) * 2,
    *(wide_gap,) * 3,
    *(middle_gap,) * 2,
    *(offset,) * 3,
    *(equal,) * 2,
    *(near_powers,) * 2,
    signed_zeros,
    subnormals,
    bit_space,
    bit_space,
    extremes,
    stagnating,
    square_roots,
)
"""How a row of values is drawn; repeated where it should be likelier."""
