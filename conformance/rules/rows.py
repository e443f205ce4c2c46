"""A cross-entropy problem as float64 rows."""

from __future__ import annotations

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
    def effective(self) -> Floats:
        """e, `(n, C)`."""
        return self.target_part + self.smooth_part

    @cached_property
    def parts(self) -> Floats:
        """The sum of the magnitudes of the parts of e, `(n, C)`."""
        return np.abs(self.target_part) + np.abs(self.smooth_part)

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
        total = total.summed(arithmetic, arithmetic.height(n))
        error = {"weights' sum": total.error} if total.error > 0 else {}
        return replace(total, terms=error)
