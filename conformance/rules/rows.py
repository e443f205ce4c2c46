"""A cross-entropy problem as float64 rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.regression import count
from conformance.rules.running import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.running import Floats

_COUNTS = 2.0**-24  # In formats as good as this, rows are counted without error.


@dataclass(frozen=True, eq=False)
class Rows:
    """A cross-entropy problem as float64 rows.

    Attributes:
        x: Logits, `(n, C)`.
        indices: Class of each row, `(n,)`, 0 where ignored; None for probabilities.
        probabilities: `(n, C)`, or None for class indices.
        valid: Which rows are not ignored, `(n,)`.
        weight: `(C,)`, or None.
        smoothing: ε.
        reduction: `none`, `mean` or `sum`.
        upstream: One for each row, `(n,)`; the same for all unless `none`.
    """

    x: Floats
    indices: NDArray[np.intp] | None
    probabilities: Floats | None
    valid: NDArray[np.bool_]
    weight: Floats | None
    smoothing: float
    reduction: str
    upstream: Floats

    @property
    def classes(self) -> int:
        """C."""
        return int(self.x.shape[1])

    @cached_property
    def weights(self) -> Floats:
        """The class weights, ones if there are none."""
        return np.ones(self.classes) if self.weight is None else self.weight

    @cached_property
    def plain(self) -> bool:
        """Is each row's loss one term: class indices without smoothing?"""
        return self.indices is not None and not self.smoothing

    @cached_property
    def target_part(self) -> Floats:
        """The effective weights e without their smoothing part, `(n, C)`."""
        keep = 1 - self.smoothing
        if self.probabilities is not None:
            return self.probabilities * keep * self.weights
        part = np.zeros(self.x.shape)
        rows = np.flatnonzero(self.valid)
        assert self.indices is not None  # noqa: S101 - for the type checker
        y = self.indices[rows]
        part[rows, y] = keep * self.weights[y]
        return part

    @cached_property
    def smooth_part(self) -> Floats:
        """The smoothing part of e, `(n, C)`."""
        if not self.smoothing:
            return np.zeros(self.x.shape)
        part = self.weights * (self.smoothing / self.classes)
        return np.where(self.valid[:, None], part, 0.0)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Where e has a part that is not 0, be it too small for float64, `(n, C)`."""
        if self.probabilities is not None:
            given = self.probabilities != 0
        else:
            assert self.indices is not None  # noqa: S101 - for the type checker
            given = np.arange(self.classes) == self.indices[:, None]
        given = (given & (self.smoothing != 1)) | (self.smoothing != 0)
        return np.asarray(given & (self.weights != 0) & self.valid[:, None])

    @cached_property
    def given(self) -> Floats:
        """|t|, one for class indices, `(n, C)`."""
        if self.probabilities is None:
            return np.ones(self.x.shape)
        return np.abs(self.probabilities)

    @cached_property
    def large(self) -> Floats:
        """The largest product of some of the factors w and t of e, `(n, C)`.

        A factor 0 does not excuse an overflow, since 0 · inf is nan: 1 stands for it,
        as for each class that a row is not of, and ε may come last.
        """
        made: Floats = np.maximum(1.0, np.abs(self.weights)) * np.maximum(
            1.0, self.given
        )
        return made

    @cached_property
    def small(self) -> Floats:
        """The smallest product of some of the factors of e that are not 0, `(n, C)`."""
        factors = [np.abs(self.weights), self.given]
        if self.smoothing:
            share = self.smoothing / max(self.classes, 1)
            factors += [np.asarray(1 - self.smoothing), np.asarray(share)]
        made = np.ones(self.x.shape)
        for factor in factors:
            made = made * np.where(factor == 0, 1.0, np.minimum(1.0, factor))
        return made

    @cached_property
    def unsmoothed(self) -> Floats:
        """Σ |w t| + Σ |w| of each row, as ε and 1 − ε may come last, `(n, 1)`."""
        if self.plain:
            return np.asarray(np.abs(self.target_part).sum(axis=1, keepdims=True))
        given = np.where(self.present, self.given, 0.0) + bool(self.smoothing)
        return np.asarray((np.abs(self.weights) * given).sum(axis=1, keepdims=True))

    @cached_property
    def effective(self) -> Floats:
        """e, `(n, C)`."""
        return self.target_part + self.smooth_part

    @cached_property
    def parts(self) -> Floats:
        """The sum of the magnitudes of the parts of e, `(n, C)`."""
        return np.abs(self.target_part) + np.abs(self.smooth_part)

    @property
    def cancels(self) -> bool:
        """Is the sum of the rows' weights exactly 0, though some are not?"""
        if self.indices is None or self.reduction != "mean":
            return False
        used = self.weights[self.indices][self.valid]
        if not np.isfinite(used).all() or not used.any():
            return False
        # No partial sum may overflow. What is lost below does not cancel what is large.
        scale = 2.0**64 if np.abs(used).max() > 2.0**900 else 1.0
        return math.fsum(used / scale) == 0

    def denominator(self, arithmetic: Arithmetic) -> Running | None:
        """Return W, or None where nothing is divided by it."""
        if self.reduction != "mean":
            return None
        n = len(self.x) if self.indices is None else int(self.valid.sum())
        plain = self.indices is None or self.weight is None
        if plain and (self.indices is None or arithmetic.sums.u <= _COUNTS):
            return count(n, arithmetic)
        used = np.where(self.valid, self.weights[self.indices], 0.0)
        total = Running.argument(used, arithmetic)
        total = total.summed(arithmetic, arithmetic.row_height(n)).within(arithmetic)
        error = {"weights' sum": total.error} if total.error > 0 else {}
        return replace(total, terms=error)
