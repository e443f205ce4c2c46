"""Cross-entropy with every three of its options at once, in few small cases.

Seven things vary: the kind of target with what is ignored, the number of axes, the
smoothing, the reduction, class weights, the cotangent and a direction. The first three
take every combination; the others follow from their numbers so that any three of the
seven, each with any value, meet in some case. A fault that needs three options to show
has nowhere to hide, and one that needs two is shown several times. All are in float32,
which nearly every backend offers, a third in bfloat16, a sixth in each other format.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.entry import Entry, Made
from conformance.builders.options import DEFAULT_IGNORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

KINDS: Final = ("all", "default", "own", "class", "unused", "probabilities")
"""Class indices that all count, or some are ignored, or none is; or probabilities."""

PLACES: Final = (None, (4,), (2, 3), (2, 3, 2), (2, 1, 3, 2))
"""The shape of the target, None for logits of shape (C,)."""

SMOOTHINGS: Final = (0.0, 0.25, 1.0)
REDUCTIONS: Final = ("mean", "none", "sum")
_CLASSES: Final = (3, 5, 2)
_OTHERS: Final = (("bfloat16",), (), ("float16",), ("bfloat16",), (), ("float64",))
_OWN: Final = -3
_WEIGHTS: Final = (0.5, 3.0, 1.25, 0.75, 2.0)


@dataclass(frozen=True)
class Combination:
    """One choice of the seven, by number; attributes as in the module's text."""

    kind: int
    places: int
    smoothing: int

    @property
    def name(self) -> str:
        """Its three independent choices."""
        eps = f"{100 * SMOOTHINGS[self.smoothing]:.0f}"
        return f"combined-{KINDS[self.kind]}-{self.places}-places-{eps}-smoothed"

    @property
    def reduction(self) -> str:
        """The reduction."""
        return REDUCTIONS[self._total % len(REDUCTIONS)]

    @property
    def weighted(self) -> bool:
        """Are there class weights?"""
        return self._total % 2 == 1

    @property
    def scaled(self) -> bool:
        """Is there a cotangent?"""
        return (self.places // 2 + (self.kind + self.smoothing) // 2) % 2 == 1

    @property
    def directed(self) -> bool:
        """Is there a direction?"""
        return (self._total // 2 + self.smoothing) % 2 == 1

    @property
    def _total(self) -> int:
        return self.kind + self.places + self.smoothing

    @property
    def classes(self) -> int:
        """The number of classes."""
        return _CLASSES[(self.places + self.smoothing) % len(_CLASSES)]

    @property
    def target(self) -> tuple[int, ...]:
        """The shape of class indices."""
        return PLACES[self.places] or ()

    def entry(self) -> Entry:
        """Return the case."""
        turn = 3 * (self.smoothing % 2)
        what = f"{KINDS[self.kind]}, {len(self.target)} axes of places"
        return Entry(
            self.name,
            f"{what}, smoothing {SMOOTHINGS[self.smoothing]:g}, and what goes with it",
            _reals(self, 7, 13, 2),
            Made(lambda _grid: self._target()),
            weight=_WEIGHTS[: self.classes] if self.weighted else None,
            upstream=self._upstream() if self.scaled else None,
            options=dict(self._options()),
            tangent=_reals(self, 5, 9, 1) if self.directed else None,
            dtypes=("float32", *_OTHERS[(self.kind + 2 * self.places + turn) % 6]),
        )

    def _target(self) -> NDArray[Any]:
        rows = math.prod(self.target)
        if KINDS[self.kind] == "probabilities":
            return _table(self, 3, 5, 4) + 0.75
        labels = np.arange(rows) * 2 % self.classes
        marker = {"default": DEFAULT_IGNORE, "own": _OWN, "class": 1}
        if KINDS[self.kind] in marker:
            labels[0 if rows == 1 else 1 :: 3] = marker[KINDS[self.kind]]
        return labels.reshape(self.target)

    def _upstream(self) -> Made:
        shape = self.target if self.reduction == "none" else ()
        numbers = 0.5 * (1 + np.arange(math.prod(shape)) * 3 % 7) * (-1.0) ** self.kind
        return Made(lambda _grid: numbers.reshape(shape))

    def _options(self) -> Iterator[tuple[str, Any]]:
        if self.reduction != REDUCTIONS[0]:
            yield "reduction", self.reduction
        if self.smoothing:
            yield "label_smoothing", SMOOTHINGS[self.smoothing]
        own = {"own": _OWN, "class": 1, "unused": _OWN}
        if KINDS[self.kind] in own:
            yield "ignore_index", own[KINDS[self.kind]]


def _table(of: Combination, step: int, modulus: int, parts: int) -> NDArray[Any]:
    """Return numbers of the shape of the logits that every format has."""
    rows = math.prod(of.target)
    flat = np.arange(rows * of.classes) * step % modulus - modulus // 2
    table = (flat / parts).reshape(*of.target, of.classes)
    return np.moveaxis(table, -1, 1) if of.target else table


def _reals(of: Combination, step: int, modulus: int, parts: int) -> Made:
    def make(_grid: Grid) -> NDArray[Any]:
        return _table(of, step, modulus, parts)

    return Made(make)


COMBINATIONS: Final = tuple(
    Combination(*numbers)
    for numbers in product(*(range(len(v)) for v in (KINDS, PLACES, SMOOTHINGS)))
)

ENTRIES: Final = tuple(one.entry() for one in COMBINATIONS)
