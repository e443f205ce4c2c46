"""Elements that are made when they are asked for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reference.element import Element
from reference.lazy import Lazy


def recorded(length: int) -> tuple[Lazy, list[int]]:
    """Return a sequence, and the positions at which it made elements so far."""
    made: list[int] = []

    def make(i: int) -> Element:
        made.append(i)
        return Element(Fraction(i))

    return Lazy(length, make), made


def test_one_element_costs_one() -> None:
    """Only what is asked for is made, and only once."""
    items, made = recorded(10**9)
    assert len(items) == 10**9
    assert items[7] is items[7]
    assert items[-1] == Element(Fraction(10**9 - 1))
    assert made == [7, 10**9 - 1]


def test_it_is_a_sequence() -> None:
    """It iterates, slices and counts as a list of the same elements does."""
    items, _ = recorded(5)
    plain = [Element(Fraction(i)) for i in range(5)]
    assert list(items) == plain
    assert list(reversed(items)) == plain[::-1]
    assert items[1:-1:2] == plain[1:-1:2]
    assert plain[3] in items
    assert items.index(plain[4]) == 4


@pytest.mark.parametrize("index", [5, -6])
def test_positions_end(index: int) -> None:
    """Beyond the ends there is nothing, and nothing is made."""
    items, made = recorded(5)
    with pytest.raises(IndexError):
        items[index]
    assert not made
