"""A sequence of elements that are computed one at a time, when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from reference.element import Element

if TYPE_CHECKING:
    from collections.abc import Callable


class Lazy(Sequence[Element]):
    """The elements `make(0)`, …, `make(length − 1)`, each made at most once.

    To ask for one element costs that element, however long the sequence is. Two threads
    that ask for the same element at once may both make it; they get the same object.
    """

    def __init__(self, length: int, make: Callable[[int], Element]) -> None:
        """Keep the recipe; nothing is made yet.

        Args:
            length: How many elements there are.
            make: Returns the element at a position in [0, length).
        """
        self._positions = range(length)
        self._make = make
        self._made: dict[int, Element] = {}

    def __len__(self) -> int:
        """Return how many elements there are, made or not."""
        return len(self._positions)

    @overload
    def __getitem__(self, index: int) -> Element: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Element]: ...
    def __getitem__(self, index: int | slice) -> Element | Sequence[Element]:
        """Return one element, or a list of those in a slice.

        Raises:
            IndexError: If there is no such position.
        """
        if isinstance(index, slice):
            return [self[i] for i in self._positions[index]]
        place = self._positions[index]
        if place not in self._made:
            self._made.setdefault(place, self._make(place))
        return self._made[place]

    def __eq__(self, other: object) -> bool:
        """Say whether the other is a sequence of equal elements; makes them all."""
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # what is compared by value
