"""Columns of a quantity that has one element for each pair of arguments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference.columns import Columns
from reference.enclosure import Enclosure
from reference.fast import premises
from reference.fast.differences import Answer, Formula, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reference.element import Element

CHUNK: Final = 8192  # elements: what the formulas read and write stays in the cache


@dataclass(frozen=True, eq=False)
class Elementwise:
    """The tier of a quantity that has one element for each pair of x and y.

    Attributes:
        formula: What is computed.
        arguments: x and y, and maybe one upstream number for each: float arrays that
            broadcast against each other.
        scale: Used where there is no array of upstream numbers.
        elements: All elements, exactly; what the formula leaves open is looked up here.
    """

    formula: Formula
    arguments: tuple[NDArray[Any], ...]
    scale: Scale
    elements: Sequence[Element]

    def __call__(self, _bits: int, at: NDArray[np.intp] | None, /) -> Columns:
        """Return all elements in their shape, or those `at` some places, in a row.

        The columns are the same for every precision: far below 2**−80 of each element.

        Raises:
            PremiseError: If the arithmetic of this thread is not what the proofs need.
        """
        return self._whole if at is None else self._at(at.ravel())

    @cached_property
    def _whole(self) -> Columns:
        answer = self._computed(np.broadcast_arrays(*self.arguments))
        return settled(answer, self.elements)

    def _at(self, at: NDArray[np.intp]) -> Columns:
        # A scalar has no axis to index; as an array of one it has.
        arrays = list(map(np.atleast_1d, np.broadcast_arrays(*self.arguments)))
        where = np.unravel_index(at, arrays[0].shape)
        return settled(self._computed([a[where] for a in arrays]), self.elements, at)

    def _computed(self, arrays: Sequence[NDArray[Any]]) -> Answer:
        """Evaluate the formula, a chunk at a time, so that extra memory is bounded."""
        premises.check()
        shape, count = arrays[0].shape, len(arrays)
        result = empty(shape)
        access: list[list[Any]] = [["readonly"]] * count + [["writeonly"]] * 4
        dtypes: list[Any] = [np.float64] * (count + 3) + [np.bool_]
        walk = np.nditer(
            [*arrays, *result],
            flags=["external_loop", "buffered", "zerosize_ok"],
            op_flags=access,
            op_dtypes=dtypes,
            order="C",
            buffersize=CHUNK,
        )
        # Elements outside the ranges may overflow on their way; they are not used.
        with walk, np.errstate(all="ignore"):
            for _ in walk:
                x, y, *upstream = (walk[i] for i in range(count))
                scale = Scale(upstream[0]) if upstream else self.scale
                for i, column in enumerate(self.formula(x, y, scale), count):
                    walk[i][...] = column
        return result


def empty(shape: tuple[int, ...]) -> Answer:
    """Return columns to be filled."""
    head, tail, radius = (np.empty(shape) for _ in range(3))
    return Answer(head, tail, radius, np.empty(shape, np.bool_))


def settled(
    answer: Answer, elements: Sequence[Element], at: NDArray[np.intp] | None = None
) -> Columns:
    """Return an answer as columns, in which what was not sure is looked up.

    Args:
        answer: Of all elements, or of those `at` some row-major places.
        elements: All elements, exactly.
        at: The places, in one dimension.
    """
    columns = Columns(answer.head, answer.tail, answer.radius)
    open_ = np.flatnonzero(~answer.sure)
    if open_.size:
        places = open_ if at is None else at[open_]
        columns = _replaced(columns, open_, [elements[i] for i in places.tolist()])
    for array in (columns.head, columns.tail, columns.radius):
        array.flags.writeable = False  # they are shared by all who ask
    return columns


def _replaced(
    columns: Columns, places: NDArray[np.intp], items: list[Element]
) -> Columns:
    """Return the columns with exactly known elements at some row-major places."""
    known = Enclosure((len(items),), lambda _precision: items)
    shape = columns.head.shape
    special, also = np.zeros(shape, np.bool_), np.zeros(shape, np.uint8)
    head, tail, radius = known.expansion()
    columns.head.reshape(-1)[places] = head
    columns.tail.reshape(-1)[places] = tail
    columns.radius.reshape(-1)[places] = radius
    special.reshape(-1)[places] = known.special
    also.reshape(-1)[places] = known.also
    return Columns(columns.head, columns.tail, columns.radius, special, also)
