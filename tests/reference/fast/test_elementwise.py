"""The tiers by themselves: what they look up, what they share, when they refuse."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from reference.element import Element
from reference.fast.differences import Scale, distance, slope_sign
from reference.fast.elementwise import Elementwise
from reference.fast.grouped import Grouped
from reference.fast.premises import PremiseError
from reference.lazy import Lazy


def elementwise(*arguments: Any) -> tuple[Elementwise, list[int]]:
    """Return the tier of |x − y|, and the places that it looks up."""
    asked: list[int] = []

    def make(i: int) -> Element:
        asked.append(i)
        return Element(Fraction(i, 3))

    size = np.broadcast(*arguments).size
    return Elementwise(distance, arguments, Scale(1.0), Lazy(size, make)), asked


def test_only_what_the_formula_leaves_open_is_looked_up() -> None:
    """Huge numbers, infinities and nan; the rest costs no element."""
    x = np.array([[1.0, 2.0**501], [np.nan, -3.0], [4.0, -np.inf]])
    tier, asked = elementwise(x, np.zeros(2))
    columns = tier(40, None)
    assert asked == [1, 2, 5]
    assert columns.head.tolist() == [[1, 1 / 3], [2 / 3, 3], [4, 5 / 3]]
    again, asked = elementwise(x, np.zeros(2))
    assert again(40, np.array([5, 4, 1])).head.tolist() == [5 / 3, 4, 1 / 3]
    assert asked == [5, 1]


def test_the_columns_of_a_whole_are_made_once_and_read_only() -> None:
    """Both precisions share them, so nobody may write to them."""
    tier, _ = elementwise(np.arange(3.0), np.float32(2))
    columns = tier(40, None)
    assert tier(80, None) is columns
    for array in (columns.head, columns.tail, columns.radius):
        assert not array.flags.writeable


def test_a_scalar_has_one_place() -> None:
    """Without axes there is place 0."""
    tier, _ = elementwise(np.float64(3.0), np.float64(5.0))
    assert tier(40, None).head.shape == ()
    assert tier(40, np.array([0, 0])).head.tolist() == [2, 2]


@pytest.mark.torch
def test_tiers_refuse_where_subnormals_are_flushed() -> None:
    """Neither the whole nor some places are computed with such arithmetic."""
    torch = pytest.importorskip("torch")
    x, y = np.ones((1, 3)), np.zeros((2, 3))
    single, _ = elementwise(y, y)
    sums = Grouped(slope_sign, (x, y), Scale(1.0), [Element()] * 3)
    if not torch.set_flush_denormal(True):
        pytest.skip("needs a processor that can flush subnormal numbers")
    try:
        for tier in (single, sums):
            for at in (None, np.array([1])):
                with pytest.raises(PremiseError, match="flushes subnormal numbers"):
                    tier(80, at)
    finally:
        torch.set_flush_denormal(False)
    assert sums(80, None).head.tolist() == [[2, 2, 2]]
