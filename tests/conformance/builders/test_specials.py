"""Infinities and NaN in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.builders.choices import CounterChoices, DrawnChoices
from conformance.builders.specials import sprinkle

if TYPE_CHECKING:
    from collections.abc import Callable


ROWS = np.arange(24, dtype=np.float32).reshape(3, 8)


@given(st.data(), st.integers(0, 4), st.integers(0, 9))
def test_the_given_rows_stay(data: st.DataObject, rows: int, width: int) -> None:
    """The rows given are not changed; what is finite in the copy is as it was."""
    given_rows = np.arange(rows * width, dtype=np.float32).reshape(rows, width)
    before = given_rows.copy()
    changed = sprinkle(DrawnChoices(data.draw), given_rows)
    assert (given_rows == before).all()
    kept = np.isfinite(changed)
    assert (changed[kept] == before[kept]).all()


@pytest.mark.parametrize(
    ("what", "predicate"),
    [
        ("one NaN", lambda r: np.isnan(r).sum() == 1),
        ("a NaN in the last column", lambda r: np.isnan(r[:, -1]).any()),
        ("one infinity", lambda r: np.isposinf(r).sum() == 1),
        ("a masked class", lambda r: np.isneginf(r[:, 3]).all()),
        ("a masked row", lambda r: np.isneginf(r).all(axis=1).any()),
        ("a masked half", lambda r: (np.isneginf(r).sum(axis=1) == 4).any()),
        ("all but one masked", lambda r: (np.isneginf(r).sum(axis=1) == 7).any()),
        ("a block of 2**k + 1", lambda r: np.isneginf(r[:, :5]).all()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sprinkle_reaches(what: str, predicate: Callable[..., Any]) -> None:
    """Each kind of place is drawn within a few hundred draws."""
    drawn = (sprinkle(CounterChoices(0, i), ROWS) for i in range(800))
    assert any(predicate(rows) for rows in drawn), what


def test_empty_rows_stay_empty() -> None:
    """Nothing is put into rows without elements."""
    empty = np.zeros((0, 3), np.float32)
    assert sprinkle(CounterChoices(0, 0), empty).shape == (0, 3)
