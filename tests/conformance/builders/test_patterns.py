"""Masks and repetitions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.builders.choices import CounterChoices, DrawnChoices
from conformance.builders.patterns import mask, repeats


@given(st.data(), st.integers(0, 40))
def test_mask_marks_places(data: st.DataObject, count: int) -> None:
    """A mask says of each place whether it is marked."""
    drawn = mask(DrawnChoices(data.draw), count)
    assert len(drawn) == count
    assert set(drawn) <= {True, False}


@given(st.data(), st.integers(0, 40), st.integers(1, 4))
def test_repeats_name_templates(data: st.DataObject, count: int, distinct: int) -> None:
    """Each place takes one of the templates."""
    drawn = repeats(DrawnChoices(data.draw), count, distinct)
    assert len(drawn) == count
    assert set(drawn) <= set(range(distinct))


@pytest.mark.parametrize(
    "shape",
    [
        [True] * 6,
        [False] * 5 + [True],
        [True] + [False] * 5,
        [True, False] * 3,
        [False, True] * 3,
        [True] * 3 + [False] * 3,
        [False] * 3 + [True] * 3,
        [True, True, False, True, True, True],
        [True, True, False, False, True, False],
    ],
)
def test_mask_reaches(shape: list[bool]) -> None:
    """Whole, single, periodic, block, all-but-one and random masks are drawn."""
    assert any(mask(CounterChoices(0, i), 6) == shape for i in range(1500))


@pytest.mark.parametrize(
    "shape",
    [
        [True, False, False] * 3,
        [False, False, True] * 3,
        [False, True, True] * 3,
        [False, True, True, False, False, True, False, False, False],
    ],
)
def test_mask_reaches_sequences(shape: list[bool]) -> None:
    """The first or last place of each sequence is marked, or all after some of it."""
    assert any(mask(CounterChoices(0, i), 9, 3) == shape for i in range(3000))
