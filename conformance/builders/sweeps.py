"""Sweeps: sizes, binades, gaps, labels and counts in turn, each evenly over its range.

A fault that one value triggers does not show near its trigger: nothing is there to
climb. The turns of a sweep lie further apart than draws do, and a case takes the next
turn of all the axes that do not hide one another.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.axes import CLASS, sizes, with_arrays
from conformance.builders.binades import every_into, largest_into, stored
from conformance.builders.choices import CounterChoices
from conformance.builders.grid import grid
from conformance.builders.layouts import layout_of, place
from conformance.builders.neighbours import crowd, unreduced
from conformance.builders.options import DEFAULT_IGNORE
from conformance.builders.resizing import resized

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.builders.choices import Choices
    from conformance.case import Case

_LONGEST: Final = 132
"""Sizes up to here are swept."""
_ROOM: Final = 512
"""Elements of a case of which a size is swept, at most."""
_FEW: Final = 8
"""Places that another axis keeps where more would leave no room."""
_USUAL: Final = 32
"""Most turns stay within so many binades of one."""
_WIDEST: Final = 120
"""Gaps up to here are swept: exponentials of wider ones are zero in float32."""
_PARTS: Final = 1 << 10
"""The gaps of a sweep are multiples of one part in so many."""
_WORD: Final = 1 << 64
_GOLDEN: Final = 0x9E3779B97F4A7C15
"""The golden ratio times 2**64: its multiples lie the most evenly modulo one."""


class Sweep:
    """Varies cases, each to the next turn of the axes that are swept."""

    def __init__(self, seed: int, loss: str, dtype: str) -> None:
        """Start every axis at another place for each seed, loss and dtype."""
        self._seed = seed
        self._stream = f"sweep:{loss}:{dtype}"
        self._words: dict[str, int] = {}

    def integer(self, axis: str, low: int, high: int) -> int:
        """Take the next turn of an axis between `low` and `high`, both included."""
        if axis not in self._words:
            start = CounterChoices(self._seed, 0, f"{self._stream}:{axis}")
            self._words[axis] = start.integer(0, _WORD - 1)
        self._words[axis] = word = (self._words[axis] + _GOLDEN) % _WORD
        return low + word * (high - low + 1) // _WORD

    def vary(self, choices: Choices, case: Case) -> Case | None:
        """Return a valid `case` at the next turn; None if it has no place for it."""
        if 0 in case.arguments["input"].shape:
            return None
        if choices.chance(1, 5):
            return self._every_binade(choices, case)
        varied = self._resized(choices, case)
        if varied is None:
            return None
        if not _has_labels(varied):
            return self._scaled(varied) if choices.chance(3, 4) else varied
        varied = self._labelled(varied)
        if choices.chance(1, 2):
            varied = self._ignoring(varied)
        # Many gaps would hide which binade the largest logit is in.
        move = self._gaps if choices.chance(2, 3) else self._scaled
        return move(varied)

    def _resized(self, choices: Choices, case: Case) -> Case | None:
        labels = sorted(k for k, n in sizes(case).items() if n)
        if not labels:
            return None
        by_class = CLASS in labels and choices.chance(1, 2)
        label = CLASS if by_class else choices.choice(labels)
        new = self.integer(f"size of {label}", 1, _LONGEST)
        # Beside another axis of differences, no number of elements would be prime.
        alone = CLASS not in labels and choices.chance(1, 2)
        for other in labels:
            crowded = new * _beside(case, label) > _ROOM
            kept = 1 if alone else _FEW
            if other != label and (alone or crowded) and sizes(case)[other] > kept:
                case = resized(case, other, kept) or case
        if new * _beside(case, label) > _ROOM:
            return None
        return resized(case, label, new)

    def _scaled(self, case: Case) -> Case:
        low, high = grid(case.dtype).emin, grid(case.dtype).emax
        if self.integer("range", 0, 3):
            low, high = max(low, -_USUAL), min(high, _USUAL)
        return largest_into(case, self.integer(f"binade from {low}", low, high))

    def _every_binade(self, choices: Choices, case: Case) -> Case | None:
        """Put every number into another binade, and every result on its own."""
        case = crowd(choices, case) or unreduced(case)
        given = case.arguments["input"]
        low, high = grid(case.dtype).emin, grid(case.dtype).emax
        if case.loss == "cross_entropy":
            low, high = max(low, -_USUAL), min(high, _USUAL)
            fits = len(given.shape) > 1
        else:
            fits = given.shape == case.arguments["target"].shape
        if not fits or 0 in given.shape:
            return None
        return every_into(case, low, high, self.integer("every", 0, high - low))

    def _labelled(self, case: Case) -> Case:
        """Label the rows with all classes in turn, and ignore none."""
        classes = sizes(case)[CLASS]
        shape = case.arguments["target"].shape
        first = self.integer("label", 0, classes - 1)
        numbers = np.arange(math.prod(shape), dtype=np.int64).reshape(shape)
        return _with_target(case, (first + numbers) % classes)

    def _ignoring(self, case: Case) -> Case:
        """Ignore the first few rows, no others."""
        labels = case.arguments["target"].view()
        ignored = case.options.get("ignore_index", DEFAULT_IGNORE)
        count = self.integer("ignored", 0, min(labels.size, _LONGEST))
        others = np.where(labels == ignored, (ignored + 1) % sizes(case)[CLASS], labels)
        first = np.arange(labels.size).reshape(labels.shape) < count
        return _with_target(case, np.where(first, ignored, others))

    def _gaps(self, case: Case) -> Case:
        """Put the target of each row behind all others, each by another gap."""
        given, labels = case.arguments["input"], case.arguments["target"].view()
        logits = given.view().astype(np.float64)
        axis = min(1, logits.ndim - 1)
        is_target = np.expand_dims(labels, axis) == _numbers(logits.shape, axis)
        others = np.where(is_target, -math.inf, logits).max(axis=axis, keepdims=True)
        moves = is_target.any(axis=axis, keepdims=True) & np.isfinite(others)
        gaps = np.zeros(others.shape)
        gaps[moves] = [self._gap() for _ in range(int(moves.sum()))]
        new = stored(np.where(is_target & moves, others - gaps, logits), case.dtype)
        return with_arrays(case, {"input": place(new, layout_of(given))})

    def _gap(self) -> float:
        return self.integer("gap", 0, _WIDEST * _PARTS) / _PARTS


def _beside(case: Case, label: str) -> int:
    return math.prod(n for k, n in sizes(case).items() if k != label)


def _has_labels(case: Case) -> bool:
    target = case.arguments["target"]
    return case.loss == "cross_entropy" and target.dtype == "int64"


def _with_target(case: Case, labels: NDArray[np.int64]) -> Case:
    layout = layout_of(case.arguments["target"])
    return with_arrays(case, {"target": place(labels, layout)})


def _numbers(shape: tuple[int, ...], axis: int) -> NDArray[Any]:
    """Return the numbers of the places along an axis, for broadcasting."""
    ends = (1,) * (len(shape) - axis - 1)
    return np.arange(shape[axis]).reshape(-1, *ends)
