r"""Columns of sums over the axes that an argument is repeated along.

With terms t_k within r_k of double words, added one after the other to S (`add`, which
is within 4 u² |S'| of S + t_k, S' the rounded result), the sum of exact terms is within

.. math:: R = \sum_k r_k + 4 u^2 \sum_k |S'_k|

of the last S: a bound that knows how far the terms cancel. Where both low words are 0,
`add` is the error-free `two_sum`, and the step adds nothing: counts of signs, and sums
of numbers of like size, are exact. Adding up R rounds by u in each of two steps a term;
the factor 1 + 2**−20 covers 2**31 terms.

At last S is multiplied by the scale s = h + l, within ρ of a rational number: that
costs 8 u² |S s|, R |s| and |S| ρ more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference.fast import premises
from reference.fast.differences import (
    PRODUCT,
    SMALLEST_PRODUCT,
    Answer,
    Formula,
    Scale,
)
from reference.fast.doubleword import UNIT, add, multiply
from reference.fast.elementwise import CHUNK, empty, settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from reference.columns import Columns
    from reference.element import Element

SUM: Final = 4 * UNIT**2
"""More than the relative error of a sum of double words, of its rounded result."""

_ROOM: Final = 1 + 2.0**-20
_SUBNORMAL_STEP: Final = 2.0**-1074


@dataclass(frozen=True, eq=False)
class Grouped:
    """The tier of sums of a quantity over the axes that its first argument lacks.

    Attributes:
        formula: What is added up.
        arguments: x and y, and maybe one upstream number for each pair: float arrays
            that broadcast against each other. The sums have the shape of x.
        scale: All sums are multiplied by it.
        elements: All sums, exactly; what is left open is looked up here.
    """

    formula: Formula
    arguments: tuple[NDArray[Any], ...]
    scale: Scale
    elements: Sequence[Element]

    def __call__(self, _bits: int, at: NDArray[np.intp] | None, /) -> Columns:
        """Return all sums in their shape, or those `at` some places, in a row.

        Raises:
            PremiseError: If the arithmetic of this thread is not what the proofs need.
        """
        if at is not None:
            return self._at(at.ravel())
        return self._whole

    @cached_property
    def _whole(self) -> Columns:
        shape = self.arguments[0].shape
        return self._at(np.arange(math.prod(shape))).reshape(shape)

    def _at(self, places: NDArray[np.intp]) -> Columns:
        """Evaluate sums, a chunk at a time, so that extra memory is bounded."""
        premises.check()
        answer = empty((places.size,))
        with np.errstate(all="ignore"):
            for i in range(0, places.size, CHUNK):
                some = slice(i, i + CHUNK)
                where = np.unravel_index(places[some], self.arguments[0].shape)
                part = _scaled(self._sums(where), self.scale)
                for column, values in zip(answer, part, strict=True):
                    column[some] = values
        return settled(answer, self.elements, places)

    def _sums(self, where: tuple[NDArray[np.intp], ...]) -> Answer:
        """Return the sums at some positions of x, not yet scaled."""
        size = where[0].size if where else 1
        total = np.zeros(size), np.zeros(size)
        radius, sure = np.zeros(size), np.ones(size, np.bool_)
        for x, y, *upstream in self._terms(where):
            scale = Scale(upstream[0]) if upstream else Scale(1.0)
            term = self.formula(x, y, scale)
            exact = (total[1] == 0) & (term.tail == 0)
            total = add(total, (term.head, term.tail))
            radius += term.radius
            radius += np.where(exact, 0.0, SUM * np.abs(total[0]))
            sure &= term.sure
        return Answer(*total, radius * _ROOM, sure)

    def _terms(
        self, where: tuple[NDArray[np.intp], ...]
    ) -> Iterator[list[NDArray[np.float64]]]:
        """Yield the arguments of every term of the sums at some positions of x."""
        arrays = np.broadcast_arrays(*self.arguments)
        full, shape = arrays[0].shape, self.arguments[0].shape
        kept = (1,) * (len(full) - len(shape)) + shape
        repeated = [axis for axis, size in enumerate(kept) if size == 1]
        # Axes of size 1 that are kept have one position only: 0.
        chosen = tuple(w for w, size in zip(where, shape, strict=True) if size != 1)
        moved = [np.moveaxis(a, repeated, range(len(repeated))) for a in arrays]
        for index in np.ndindex(*(full[axis] for axis in repeated)):
            picked = (np.atleast_1d(a[(*index, *chosen)]) for a in moved)
            yield [p.astype(np.float64) for p in picked]


def _scaled(sums: Answer, scale: Scale) -> Answer:
    """Return sums multiplied by a scale."""
    factor = np.asarray(scale.high), np.asarray(scale.low)
    head, tail = multiply((sums.head, sums.tail), factor)
    exact = (sums.tail == 0) & (scale.low == 0)
    spread = sums.radius * np.abs(scale.high) + np.abs(sums.head) * scale.radius
    spread += np.where(exact, 0.0, PRODUCT * np.abs(head))
    zero = (sums.head == 0) | (scale.high == 0)
    certain = (sums.radius == 0) & (zero | (exact & (scale.radius == 0)))
    # Two steps are more than the radius may lose on its way below the normal range.
    radius = np.where(certain, 0.0, spread * _ROOM + 2 * _SUBNORMAL_STEP)
    sure = sums.sure & (zero | (np.abs(head) >= SMALLEST_PRODUCT))
    return Answer(head + 0.0, tail + 0.0, radius, sure)
