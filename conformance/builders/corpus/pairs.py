"""MAE and MSE with every three of their options at once, in few small cases.

Five things vary: which argument is broadcast, the number of axes, the reduction, the
cotangent and a direction. The first three take every combination, the others follow
from their numbers; any three of the five, each with any value, meet in some case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np

from conformance.builders.corpus.entry import REGRESSION, Entry, Made

STRETCHED: Final = ("neither", "target", "input", "both")
"""Which argument has axes of size one where the other has not."""

FULL: Final = (2, 3, 2, 2)
RANKS: Final = (1, 2, 3, 4)
REDUCTIONS: Final = ("mean", "none", "sum")
_OTHERS: Final = (("float16",), (), ("bfloat16",), (), ("float64",), ())


@dataclass(frozen=True)
class Pair:
    """One choice of the five, by number; attributes as in the module's text."""

    stretched: int
    rank: int
    reduction: int

    @property
    def name(self) -> str:
        """Its three independent choices."""
        what = f"{STRETCHED[self.stretched]}-stretched-{RANKS[self.rank]}-axes"
        return f"pair-{what}-{REDUCTIONS[self.reduction]}"

    @property
    def scaled(self) -> bool:
        """Is there a cotangent?"""
        return self._total % 2 == 1

    @property
    def directed(self) -> bool:
        """Is there a direction?"""
        return self._total // 2 % 2 == 1

    @property
    def _total(self) -> int:
        return self.stretched + self.rank + self.reduction

    def shape(self, argument: str) -> tuple[int, ...]:
        """Return the shape of an argument."""
        full = FULL[: RANKS[self.rank]]
        which = STRETCHED[self.stretched]
        if which not in ("both", argument):
            return full
        # Where both are stretched, each has the axes of size one that the other lacks.
        first = int(argument == "target" and which == "both")
        return tuple(1 if i % 2 == first else n for i, n in enumerate(full))

    @property
    def value(self) -> tuple[int, ...]:
        """The shape of the loss."""
        if REDUCTIONS[self.reduction] != "none":
            return ()
        return np.broadcast_shapes(self.shape("input"), self.shape("target"))

    def entry(self) -> Entry:
        """Return the case."""
        others = _OTHERS[self._total % len(_OTHERS)]
        return Entry(
            self.name,
            f"{RANKS[self.rank]} axes, {STRETCHED[self.stretched]} stretched",
            _reals(self.shape("input"), 7, 13),
            _reals(self.shape("target"), 5, 11),
            upstream=_reals(self.value, 3, 7) if self.scaled else None,
            options={"reduction": REDUCTIONS[self.reduction]},
            losses=REGRESSION,
            dtypes=("float32", *others),
            tangent=_reals(self.shape("input"), 4, 9) if self.directed else None,
        )


def _reals(shape: tuple[int, ...], step: int, modulus: int) -> Made:
    """Return halves of both signs, in an order that no axis repeats."""
    flat = (np.arange(math.prod(shape)) * step + 2) % modulus
    values: np.ndarray[Any, Any] = (flat * 2 + 1 - modulus) / 4
    return Made(lambda _grid: values.reshape(shape))


PAIRS: Final = tuple(
    Pair(*numbers)
    for numbers in product(*(range(len(v)) for v in (STRETCHED, RANKS, REDUCTIONS)))
)

ENTRIES: Final = tuple(one.entry() for one in PAIRS)
