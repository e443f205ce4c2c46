"""Infinities and NaN put into finite rows, in every position and in blocks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.builders.choices import Choices

_VALUES: Final = (-math.inf, -math.inf, math.inf, math.nan)


def sprinkle(choices: Choices, rows: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of `rows`, `(R, W)`, with non-finite values in some places."""
    changed = rows.copy()
    if changed.size:
        choices.choice(_PLACES)(choices, changed)
    return changed


def _single(choices: Choices, rows: NDArray[Any]) -> None:
    rows[_row(choices, rows), _column(choices, rows)] = choices.choice(_VALUES)


def _pair(choices: Choices, rows: NDArray[Any]) -> None:
    _single(choices, rows)
    _single(choices, rows)


def _column_of(choices: Choices, rows: NDArray[Any]) -> None:
    rows[:, _column(choices, rows)] = choices.choice(_VALUES)


def _row_of(choices: Choices, rows: NDArray[Any]) -> None:
    rows[_row(choices, rows)] = choices.choice(_VALUES)


def _first_half(choices: Choices, rows: NDArray[Any]) -> None:
    rows[_row(choices, rows), : (rows.shape[1] + 1) // 2] = -math.inf


def _all_but_one(choices: Choices, rows: NDArray[Any]) -> None:
    row, kept = _row(choices, rows), _column(choices, rows)
    value = rows[row, kept]
    rows[row] = -math.inf
    rows[row, kept] = value


def _tile(choices: Choices, rows: NDArray[Any]) -> None:
    # Kernels work in tiles of 2**k classes: end a block at a tile and next to one.
    power = choices.integer(0, rows.shape[1].bit_length() - 1)
    length = (1 << power) + choices.choice((0, -1, 1))
    rows[:, :length] = -math.inf


def _row(choices: Choices, rows: NDArray[Any]) -> int:
    return choices.integer(0, rows.shape[0] - 1)


def _column(choices: Choices, rows: NDArray[Any]) -> int:
    return choices.integer(0, rows.shape[1] - 1)


_PLACES: Final[tuple[Callable[[Choices, NDArray[Any]], None], ...]] = (
    _single,
    _single,
    _single,
    _pair,
    _column_of,
    _row_of,
    _first_half,
    _all_but_one,
    _tile,
)
