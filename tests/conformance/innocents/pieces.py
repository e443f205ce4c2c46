"""What cross-entropy is composed of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

    Mean: TypeAlias = Callable[[Real, Real], Real]


@dataclass(frozen=True, eq=False)
class Pieces:
    """What cross-entropy is composed of, as rows in the compute format.

    Attributes:
        parts: The steps.
        formats: The formats.
        log_p: `(R, C)`.
        p: `(R, C)`.
        target: `(R, C)`: one-hot, or class probabilities.
        weight: `(C,)`.
        keep: 1 − ε.
        share: ε/C.
        hit: `(R, C)`, where the target part is not zero by construction.
        everywhere: Does the smoothing part count?
        kept: `(R,)`, rows that are not ignored.
        divisor: `()`, of the mean; one for other reductions.
        upstream: `(R,)`.
        reduced: Are the rows added up?
        probable: Is the target one of class probabilities?
    """

    parts: Parts
    formats: Formats
    log_p: Real
    p: Real
    target: Real
    weight: Real
    keep: Real
    share: Real
    hit: NDArray[np.bool_]
    everywhere: bool
    kept: NDArray[np.bool_]
    divisor: Real
    upstream: Real
    reduced: bool
    probable: bool

    def total(self, values: Real) -> Real:
        """Return sums over the last axis."""
        return self.parts.total(values, self.formats)

    def over_classes(self, terms: Real, present: NDArray[np.bool_]) -> Real:
        """Return `(R,)`, sums of the terms that are present, 0 in ignored rows."""
        sums = self.total(np.where(present, terms, -np.zeros_like(terms)))
        return np.where(self.kept, sums, np.zeros_like(sums))

    def reduce(self, rows: Real, mean: Mean) -> Real:
        """Return the rows, or their sum over the divisor."""
        return mean(self.total(rows), self.divisor) if self.reduced else rows

    @property
    def present(self) -> NDArray[np.bool_]:
        """Where a class counts at all."""
        return self.hit | self.everywhere

    @property
    def effective(self) -> Real:
        """`(R, C)`, (1 − ε) t w + ε/C w."""
        both = self.keep * self.target * self.weight
        if self.everywhere:
            both = both + self.share * self.weight
        return np.where(self.present, both, np.zeros_like(both))
