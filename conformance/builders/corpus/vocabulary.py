"""Cross-entropy over many classes, with answers known in closed form.

The largest logit of a row is 0 and the others are integers so far below that exp adds
nothing to 1: the loss of class c is minus its logit, and that of a row's neighbours
differs. A class read at the wrong place, a tail of classes left out, or an index that
was narrowed on the way gives another integer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.entry import Entry, Made
from conformance.builders.corpus.sequences import LEAST_GAP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

_NONE: Final = {"reduction": "none"}
_STEPS: Final = 64
"""So many different losses; with 104 they are numbers of bfloat16."""


def _near(*sizes: int) -> tuple[int, ...]:
    return tuple(n + d for n in sizes for d in (-1, 0, 1))


QUICK: Final = (2, *_near(8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096))
CI: Final = (10_000, 32_000, 50_257, 65_535, 65_536, 65_537, 128_256, 151_936)


def places(classes: int) -> list[int]:
    """Return the classes where something may end: first, last, and around powers."""
    powers = (1 << k for k in range(3, classes.bit_length()))
    near = (p + d for p in powers for d in (-1, 0))
    return sorted({0, 1, classes - 2, classes - 1, *near} & set(range(classes)))


def _few(classes: int, most: int = 6) -> list[int]:
    found = places(classes)
    return found[:1] + found[1:][-(most - 1) :]


def _logits(classes: int, tops: list[int]) -> NDArray[np.float64]:
    row = -(LEAST_GAP + np.arange(classes) % _STEPS).astype(np.float64)
    table = np.tile(row, (len(tops), 1))
    table[np.arange(len(tops)), tops] = 0
    return table


def _entry(classes: int, least: str) -> Entry:
    targets = _few(classes)
    # Each row's largest logit is at another row's target.
    tops = targets[1:] + targets[:1]

    def logits(_grid: Grid) -> NDArray[Any]:
        return _logits(classes, tops)

    return Entry(
        f"classes-{classes}",
        f"{classes} classes: targets and largest logits at the ends and at tiles",
        Made(logits),
        Made(lambda _grid: np.array(targets, dtype=np.int64)),
        options=_NONE,
        least=least,
    )


def _vocabulary(classes: int) -> Entry:
    return Entry(
        f"vocabulary-{classes}",
        f"one row of {classes} classes, the largest logit last and the target before",
        Made(lambda _grid: _logits(classes, [classes - 1])),
        Made(lambda _grid: np.array([classes - 2], dtype=np.int64)),
        options=_NONE,
        least="ci",
    )


def _inner(classes: int) -> Entry:
    targets = _few(classes, 3)
    tops = targets[1:] + targets[:1]

    def logits(_grid: Grid) -> NDArray[Any]:
        return _logits(classes, tops).T[None]

    return Entry(
        f"classes-{classes}-inner",
        f"{classes} classes along an axis that is not the last",
        Made(logits),
        Made(lambda _grid: np.array([targets], dtype=np.int64)),
        options=_NONE,
    )


ENTRIES: Final = (
    *(_entry(classes, "quick") for classes in QUICK),
    *(_inner(classes) for classes in _near(16, 64, 256, 1024)),
    *(_vocabulary(classes) for classes in CI),
)
