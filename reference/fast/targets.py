"""The coefficients e_{n,c} of cross-entropy as arrays, for any rows and classes.

See `reference.losses.cross_entropy` for their definition. A target is *sparse* if each
row has one coefficient at most that is not 0: class indices without smoothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reference.problem import class_axis_last

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from reference.fast.arithmetic import Arithmetic, Words
    from reference.fast.doubleword import Floats
    from reference.problem import Problem

    Flags = NDArray[np.bool_]

MODERATE: tuple[float, float] = (2.0**-100, 2.0**100)
"""Magnitudes of weights, probabilities and cotangents that the bounds allow, or 0."""


@dataclass(frozen=True, eq=False)
class Targets:
    """Targets of N rows with C classes, and the class weights.

    Attributes:
        index: `(N,)` class indices, 0 where the row is ignored; None: probabilities.
        used: `(N,)`, which rows are not ignored.
        probabilities: `(N, C)` in one of the four formats; None: class indices.
        weight: `(C,)` or None for ones.
        label_smoothing: ε, exact.
        classes: C.
    """

    index: NDArray[np.intp] | None
    used: Flags
    probabilities: NDArray[Any] | None
    weight: Floats | None
    label_smoothing: Fraction
    classes: int

    @classmethod
    def of(cls, problem: Problem) -> Self | None:
        """Return the targets of a problem, or None if a number is not moderate."""
        eps, c = problem.label_smoothing, problem.classes
        weight = None
        if not all(v == 0 or v >= MODERATE[0] for v in (eps / max(c, 1), 1 - eps)):
            return None
        if problem.weight is not None:
            weight = moderate(problem.weight.floats)
            if weight is None:
                return None
        if problem.target_kind == "probability":
            given = problem.target.floats
            if given is None or moderate(given) is None:
                return None
            rows = class_axis_last(given)
            used = np.ones(len(rows), dtype=np.bool_)
            return cls(None, used, rows, weight, eps, c)
        given = problem.target.given.ravel()
        used = np.asarray(given != problem.ignore_index, dtype=np.bool_)
        index = np.where(used, given, 0).astype(np.intp)
        return cls(index, used, None, weight, eps, c)

    @property
    def sparse(self) -> bool:
        """Has each row at most one coefficient that is not 0?"""
        return self.index is not None and not self.label_smoothing

    @cached_property
    def signed(self) -> bool:
        """May coefficients be negative?"""
        some = [a for a in (self.weight, self.probabilities) if a is not None]
        return any(bool((np.asarray(a) < 0).any()) for a in some)

    def weight_at(self, rows: NDArray[np.intp]) -> Floats:
        """Return w_y of these rows of class indices, 0 where they are ignored."""
        y = self._index(rows)
        w = np.ones(len(rows)) if self.weight is None else self.weight[y]
        return np.where(self.used[rows], w, 0.0)

    def dense(
        self, arithmetic: Arithmetic, rows: NDArray[np.intp], classes: slice
    ) -> tuple[Words, Words]:
        """Return e_{n,c} and what it adds up from in magnitude, each `(classes, rows)`.

        Both within 4 `unit` of the latter.
        """
        made = self._mixed(arithmetic, rows, classes, magnitudes=False)
        if not self.signed:
            return made, made
        return made, self._mixed(arithmetic, rows, classes, magnitudes=True)

    def _mixed(
        self,
        arithmetic: Arithmetic,
        rows: NDArray[np.intp],
        classes: slice,
        *,
        magnitudes: bool,
    ) -> Words:
        share = self.label_smoothing / self.classes
        keep = arithmetic.constant(1 - self.label_smoothing)
        if self.probabilities is None:
            mixed = self._smoothed(arithmetic, rows, classes)
        else:
            block = self.probabilities[rows, classes].T.astype(np.float64)
            mixed = arithmetic.widen(np.abs(block) if magnitudes else block)
            if share:
                mixed = arithmetic.multiply(mixed, keep)
                mixed = arithmetic.add(mixed, arithmetic.constant(share))
        if self.weight is None:
            return mixed
        weight = self.weight[classes, np.newaxis]
        if magnitudes:
            weight = np.abs(weight)
        return arithmetic.multiply(mixed, arithmetic.widen(weight))

    def _smoothed(
        self, arithmetic: Arithmetic, rows: NDArray[np.intp], classes: slice
    ) -> Words:
        """Return (1 − ε)[c = y] + ε/C, 0 in ignored rows."""
        eps, used = self.label_smoothing, self.used[rows]
        shape = (classes.stop - classes.start, len(rows))
        share = arithmetic.constant(eps / self.classes)
        whole = arithmetic.constant(1 - eps + eps / self.classes)
        words = tuple(np.where(used, np.full(shape, w), 0.0) for w in share)
        at = self.places(rows, classes)
        for word, w in zip(words, whole, strict=True):
            word[at] = np.where(used[at[1]], w, 0.0)
        return words

    def places(
        self, rows: NDArray[np.intp], classes: slice
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return where the targets of these rows are in a `(classes, rows)` block."""
        return inside(self._index(rows), classes)

    def _index(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        if self.index is None:
            msg = "class probabilities have no index"
            raise TypeError(msg)
        return self.index[rows]


def inside(
    index: NDArray[np.intp], classes: slice
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where one class a row lies in a `(classes, rows)` block, if it does."""
    columns = np.flatnonzero((index >= classes.start) & (index < classes.stop))
    return index[columns] - classes.start, columns


def moderate(given: NDArray[Any] | None) -> Floats | None:
    """Return the numbers as float64 if all are 0 or of moderate size, else None."""
    if given is None:
        return None
    values = np.asarray(given, dtype=np.float64)
    size = np.abs(values)
    low, high = MODERATE
    if not ((size == 0) | ((size >= low) & (size <= high))).all():
        return None
    return values
