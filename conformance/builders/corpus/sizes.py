"""Sums that are exact in any order, at every kind of size.

An off-by-one denominator, a dropped tail, a lane left out or a block taken twice
changes the exact answer; no allowance for the order of summation can hide it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Made, Sliding
from conformance.builders.corpus.sequences import behind, differences, gaps, rows
from conformance.builders.layouts import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

    Make = Callable[[Grid], NDArray[Any]]

_POWER: Final = {"mae": 1, "mse": 2}
_SUM: Final = {"reduction": "sum"}
_REST: Final = 5
_FEW: Final = 1024


def _around(power: int, width: int) -> range:
    return range((1 << power) - width, (1 << power) + width + 1)


_SMALL: Final = tuple(range(1, 42))
_CLIFFS: Final = tuple(n for k in range(6, 13) for n in _around(k, 1))
_RESIDUES: Final = tuple((1 << (7 + r % 6)) + r for r in range(2, 31))

LINES: Final = tuple(sorted({*_SMALL, *_CLIFFS, *_RESIDUES}))
"""Every residue modulo 32, where lanes, vectors and tiles have tails."""

MORE_LINES: Final = tuple(
    n for k in range(7, 13) for n in _around(k, 16) if n not in LINES
)
"""Every residue modulo 32 around every power of two."""

ROWS: Final = tuple(sorted({*range(1, 34), *_CLIFFS, *_RESIDUES[::2]} - {4095, 4096}))

TABLES: Final = {
    "quick": ((128, 128), (129, 127), (362, 361), (512, 256)),
    "ci": ((256, 257), (513, 511), (641, 1637), (1024, 1023), (1024, 1024)),
    "deep": ((2047, 1025), (2048, 2048), (2897, 2895), (4095, 4097), (4096, 4096)),
}
"""Shapes of up to 2**24 elements, in buffers of a few thousand."""

PLACES: Final = {
    "quick": ((8, 1024), (9, 1023)),
    "ci": ((8, 1025), (16, 4097), (31, 4095), (64, 4096)),
    "deep": ((255, 4097), (256, 4096)),
}
"""Batch and places of K-dimensional logits of two classes, up to 2**20 rows."""

LANDMARKS: Final = (257, 1023, 2049, 4097, 65_537)

BROADCAST: Final = (2, 3, 17, 31, 32, 33, 63, 64, 65, 127, 255, 256, 257, 1025, 2049)

COUNTS: Final = {
    "quick": (65_503, 65_505, 65_520, 65_535, 65_537),
    "ci": (65_504, 65_519, 65_521, 65_536),
}
"""Where the range of float16, and that of 16-bit integers, ends."""


def _ramp(count: int) -> NDArray[np.float64]:
    return (np.arange(count) % 17 - 8).astype(np.float64)


def _signed(count: int, power: int, terms: int | None = None) -> Make:
    return lambda _grid: differences(count, power, terms) * 1.0


def _moved(count: int, power: int) -> Make:
    return lambda _grid: _ramp(count) + differences(count, power)


def _pairs(count: int, power: int) -> Make:
    return lambda _grid: differences(2 * count, power).reshape(count, 2) * 1.0


def _line(n: int, least: str) -> Iterator[Entry]:
    for loss, power in _POWER.items():
        yield Entry(
            f"exact-{n}",
            f"{n} integer differences: their sum is exact in any order",
            Made(_moved(n, power)),
            Made(lambda _grid: _ramp(n)),
            losses=(loss,),
            options=_reduction(n),
            least=least,
        )


def _reduction(n: int) -> dict[str, str]:
    # Terms of a mean may be divided before they are added: only a count of 2**k keeps
    # that exact, and only a small one shows in spite of what order may do then.
    exact = n & (n - 1) == 0
    return {} if exact or (n < _FEW and n % 8 != _REST) else _SUM


def _table(shape: tuple[int, int], least: str) -> Iterator[Entry]:
    length, count = sum(shape), math.prod(shape)
    for loss, power in _POWER.items():
        yield Entry(
            f"exact-{shape[0]}-by-{shape[1]}",
            f"{count} integer differences whose sum is exact in any order",
            Sliding(_signed(length, power, count), shape),
            Expanded(0, shape),
            losses=(loss,),
            options=_reduction(count),
            least=least,
        )


def _landmarks(n: int) -> Entry:
    def make(_grid: Grid) -> NDArray[Any]:
        values = np.zeros(n)
        values[[0, (n - 2) // 32 * 32 - 1, n - 2, n - 1]] = (8, 4, 2, 1)
        return values

    return Entry(
        f"landmarks-{n}",
        f"four differences at the ends of {n} elements, which half formats tell apart",
        Made(make),
        Expanded(0, (n,)),
        losses=REGRESSION,
        options=_SUM,
    )


def _broadcast(n: int) -> Iterator[Entry]:
    for loss, power in _POWER.items():
        yield Entry(
            f"exact-broadcast-{n}",
            f"a gradient that is an exact sum over {n} rows, of both signs",
            Made(_pairs(n, power)),
            [0.0, 0.0],
            losses=(loss,),
            options=_SUM,
        )


def _count(n: int, least: str) -> Entry:
    return Entry(
        f"count-{n}",
        f"{n} equal differences: their number is at the end of a format's range",
        Expanded(3, (n,)),
        Expanded(1, (n,)),
        losses=REGRESSION,
        least=least,
    )


def _rows(n: int, least: str) -> Entry:
    return Entry(
        f"exact-rows-{n}",
        f"{n} rows with an integer loss each: their sum is exact in any order",
        Made(lambda _grid: rows(gaps(n)) * 1.0),
        Made(lambda _grid: behind(n)),
        options=_reduction(n),
        least=least,
    )


def _places(shape: tuple[int, int], least: str) -> Entry:
    batch, places = shape
    count = batch * places
    kept = Layout(expanded=frozenset({0}))

    def logits(_grid: Grid) -> NDArray[Any]:
        made = rows(gaps(places, count)) * 1.0
        return np.broadcast_to(made.T, (batch, 2, places))

    return Entry(
        f"exact-places-{batch}-by-{places}",
        f"{count} rows with an integer loss each, expanded from {places} of them",
        Made(logits, kept),
        Made(lambda _grid: np.broadcast_to(behind(places), shape), kept),
        options=_reduction(count),
        least=least,
    )


ENTRIES: Final = (
    *(entry for n in LINES for entry in _line(n, "quick")),
    *(entry for n in MORE_LINES for entry in _line(n, "ci")),
    *(_rows(n, "quick") for n in ROWS),
    *(_rows(n, "ci") for n in LINES + MORE_LINES if n not in ROWS),
    *(e for least, some in TABLES.items() for s in some for e in _table(s, least)),
    *(_places(s, least) for least, some in PLACES.items() for s in some),
    *(_landmarks(n) for n in LANDMARKS),
    *(entry for n in BROADCAST for entry in _broadcast(n)),
    *(_count(n, least) for least, some in COUNTS.items() for n in some),
)
