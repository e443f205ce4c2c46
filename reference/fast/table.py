"""Columns being filled, block by block, one row of classes after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reference.columns import Columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reference.enclosure import Enclosure
    from reference.fast.arithmetic import Arithmetic, Words
    from reference.fast.doubleword import Floats

    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]


@dataclass(eq=False)
class Table:
    """Columns of one shape; blocks that do not overlap may be written from threads.

    Attributes:
        words: Head and, in double words, tail.
        radius: Of each element.
        small: Which are carried at a larger scale; see `Columns`.
        open: Which are left to the rational path.
    """

    words: Words
    radius: Floats
    small: Flags | None
    open: Flags
    _special: Flags | None = field(default=None, init=False)
    _also: NDArray[np.uint8] | None = field(default=None, init=False)

    @classmethod
    def empty(cls, arithmetic: Arithmetic, shape: tuple[int, ...]) -> Self:
        """Return a table to be written."""
        count = len(arithmetic.widen(np.zeros(1)))
        words = tuple(np.empty(shape) for _ in range(count))
        return cls.of(words, np.empty(shape))

    @classmethod
    def of(cls, words: Words, radius: Floats) -> Self:
        """Return a table of finished columns."""
        flags = np.zeros(radius.shape, dtype=np.bool_)
        small = np.zeros(radius.shape, dtype=np.bool_) if len(words) > 1 else None
        return cls(words, radius, small, flags)

    def write(self, rows: slice, classes: slice, block: Columns, left: Flags) -> None:
        """Write a `(classes, rows)` block, and which of it is left open."""
        self.words[0][rows, classes] = block.head.T
        if len(self.words) > 1:
            self.words[1][rows, classes] = block.tail.T
        self.radius[rows, classes] = block.radius.T
        if self.small is not None and block.small is not None:
            self.small[rows, classes] = block.small.T
        if left.any():
            self.open[rows, classes] = np.broadcast_to(left, block.head.shape).T

    def write_row(self, at: slice, words: Words, radius: Floats, left: Flags) -> None:
        """Write a part of a table of one dimension."""
        for column, word in zip(self.words, words, strict=True):
            column[at] = word
        self.radius[at], self.open[at] = radius, left

    def patch(
        self, places: tuple[Places, ...], slow: Enclosure, positions: Places
    ) -> None:
        """Replace elements by those at some row-major positions of an enclosure."""
        if not len(positions):
            return
        if len(self.words) == 1:
            self.words = (self.words[0], np.zeros(self.radius.shape))
        exact = slow.columns(at=positions)
        self._special = np.zeros(self.radius.shape, dtype=np.bool_)
        self._also = np.zeros(self.radius.shape, dtype=np.uint8)
        self.words[0][places], self.words[1][places] = exact.head, exact.tail
        self.radius[places] = exact.radius
        if self.small is not None:
            self.small[places] = False
        if exact.special is not None and exact.also is not None:
            self._special[places], self._also[places] = exact.special, exact.also

    def columns(self, shaped: Callable[[NDArray[Any]], NDArray[Any]]) -> Columns:
        """Return the columns, each array brought into shape."""
        tail = self.words[1] if len(self.words) > 1 else None
        if tail is None:
            tail = np.broadcast_to(0.0, self.radius.shape)
        small = self.small if self.small is not None and self.small.any() else None
        return Columns(
            shaped(self.words[0]),
            shaped(tail),
            shaped(self.radius),
            None if self._special is None else shaped(self._special),
            None if self._also is None else shaped(self._also),
            None if small is None else shaped(small),
        )
