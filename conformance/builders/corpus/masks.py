"""Masks of ignored rows, with structure, at every size where one may go wrong.

Each row that counts has an integer loss of its own (see `sequences`), so that a row
counted in vain, left out, or not subtracted from the denominator changes the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.entry import Entry, Made
from conformance.builders.corpus.sequences import behind, gaps, rows, scattered
from conformance.builders.options import DEFAULT_IGNORE
from conformance.profiles import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Mask = Callable[[int], NDArray[np.bool_]]

SIZES: Final = (1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257)


def _periodic(period: int, rest: int) -> Mask:
    return lambda n: np.arange(n) % period == rest


MASKS: Final[Mapping[str, Mask]] = {
    **{
        f"every-{period}-from-{rest}": _periodic(period, rest)
        for period in (2, 16, 256)
        for rest in (0, 1)
    },
    "first": lambda n: np.arange(n) < 1,
    "last": lambda n: np.arange(n) == n - 1,
    "first-half": lambda n: np.arange(n) < n // 2,
    "last-half": lambda n: np.arange(n) >= n // 2,
    "all-but-first": lambda n: np.arange(n) > 0,
    "all-but-last": lambda n: np.arange(n) < n - 1,
    "all": lambda n: np.arange(n) >= 0,
    "scattered": lambda n: scattered(n + 7, 3)[7:] == 0,
}


def _target(n: int, mask: Mask, marker: int) -> NDArray[np.int64]:
    return np.where(mask(n), marker, behind(n))


def _entry(n: int, name: str) -> Entry:
    mask = MASKS[name]
    # One in three with an index of its own; one in five with a sum; half for `quick`.
    kind = SIZES.index(n) + list(MASKS).index(name)
    marker = -1 if kind % 3 == 0 else DEFAULT_IGNORE
    options: dict[str, Any] = {} if marker == DEFAULT_IGNORE else {"ignore_index": -1}
    if kind % 5 == 0:
        options["reduction"] = "sum"
    return Entry(
        f"mask-{name}-of-{n}",
        f"{n} rows, ignored: {name.replace('-', ' ')}",
        Made(lambda _grid: rows(gaps(n)) * 1.0),
        Made(lambda _grid: _target(n, mask, marker)),
        options=options,
        least=LEVELS[kind % 2],
    )


def _differs(n: int, name: str) -> bool:
    """Does the mask mark other rows of `n` than every mask before it?"""
    names = list(MASKS)
    earlier = names[: names.index(name)]
    return not any((MASKS[name](n) == MASKS[e](n)).all() for e in earlier)


def _sequences(batch: int, length: int, name: str, mask: Mask) -> Entry:
    def logits(_grid: Any) -> NDArray[Any]:
        flat = rows(gaps(batch * length)) * 1.0
        return np.moveaxis(flat.reshape(batch, length, 2), -1, 1)

    def target(_grid: Any) -> NDArray[np.int64]:
        flat = np.where(mask(batch * length), DEFAULT_IGNORE, behind(batch * length))
        return flat.reshape(batch, length)

    return Entry(
        f"sequences-{name}-{batch}-by-{length}",
        f"{batch} sequences of {length}, ignored: {name.replace('-', ' ')}",
        Made(logits),
        Made(target),
    )


def _in_sequences(length: int) -> Mapping[str, Mask]:
    return {
        "first-of-each": _periodic(length, 0),
        "last-of-each": _periodic(length, length - 1),
        "second-half-of-each": lambda n: np.arange(n) % length >= (length + 1) // 2,
        "whole-sequence": lambda n: np.arange(n) // length == 1,
    }


ENTRIES: Final = (
    *(_entry(n, name) for n in SIZES for name in MASKS if _differs(n, name)),
    *(
        _sequences(batch, length, name, mask)
        for batch, length in ((2, 5), (3, 7), (4, 16), (5, 33))
        for name, mask in _in_sequences(length).items()
    ),
)
