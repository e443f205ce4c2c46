"""Numbers so close together that no band of them is left out.

An exponential or a logarithm that is put together from pieces, or looked up in a table,
can be wrong in one of them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Made

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NONE: Final = {"reduction": "none"}
_SINGLE: Final = ("float32",)
_WIDE: Final = ("float32", "float64")
_FARTHEST: Final = 104
"""exp of a gap beyond is no number of float32."""

_BINADES: Final = range(-14, 14)
_PIECES: Final = 128
"""Numbers in a binade."""

_GROWTH: Final = 8
_MOST: Final = 512


def _gaps() -> NDArray[np.float64]:
    """Return gaps up to 104, one in each sixteenth, at no regular place."""
    place = np.arange(_FARTHEST * 16)
    gaps: NDArray[np.float64] = (place * 128 + place * 37 % 128) / 2048
    return gaps


def _steps() -> NDArray[np.float64]:
    """Return gaps g with 1 + exp(−g) at most 1/128 apart, from 2 to nearly 1."""
    return np.cumsum([1 / 128] * 180 + [1 / 64] * 110 + [1 / 32] * 120)


def _pairs(gaps: NDArray[np.float64]) -> tuple[Made, Expanded]:
    """Return rows of two classes, the first ahead by a gap, and targets."""
    rows = np.stack([np.zeros_like(gaps), -gaps], axis=1)
    return Made(lambda _grid: rows), Expanded(0, (len(gaps),))


def _counts() -> list[int]:
    """Return numbers up to 512, each an eighth, or one, larger than the one before."""
    found = [1]
    while found[-1] < _MOST:
        found.append(min(found[-1] + max(found[-1] // _GROWTH, 1), _MOST))
    return found


def _equal_ones() -> NDArray[np.float64]:
    """Return rows in which so many classes are equal, and the others masked."""
    counted = np.arange(_MOST) < np.array(_counts())[:, np.newaxis]
    return np.where(counted, 0.0, -np.inf)


def _differences() -> NDArray[np.float64]:
    """Return numbers of both signs, 128 in each binade."""
    pieces = 1 + np.arange(_PIECES) / _PIECES
    pieces[1::2] *= -1
    return np.concatenate([np.ldexp(pieces, e) for e in _BINADES])


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        "gaps-in-every-sixteenth",
        "a gap in every sixteenth up to 104: each exponential is a gradient",
        *_pairs(_gaps()),
        options=_NONE,
        dtypes=_SINGLE,
    ),
    Entry(
        "sums-in-every-128th",
        "sums of two exponentials, from 2 to 1: each logarithm is a loss",
        *_pairs(_steps()),
        options=_NONE,
        dtypes=_WIDE,
    ),
    Entry(
        "sums-up-to-512",
        "so many equal classes, the rest masked: each loss is the logarithm of a count",
        Made(lambda _grid: _equal_ones()),
        Expanded(0, (len(_counts()),)),
        options=_NONE,
        dtypes=_SINGLE,
    ),
    Entry(
        "differences-in-every-128th",
        "128 differences in each of 28 binades",
        Made(lambda _grid: _differences()),
        Expanded(0, (_PIECES * len(_BINADES),)),
        options=_NONE,
        losses=REGRESSION,
        dtypes=_WIDE,
    ),
)
