"""Targets of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.builders import reals, targets
from conformance.builders.choices import CounterChoices, DrawnChoices
from conformance.builders.grid import grid
from conformance.case import DTYPES, numpy_dtype

if TYPE_CHECKING:
    from collections.abc import Callable


@given(
    st.data(), st.integers(0, 70), st.integers(1, 9), st.sampled_from([-100, 0, 255])
)
def test_indices_are_classes_or_ignored(
    data: st.DataObject, count: int, classes: int, ignored: int
) -> None:
    """Each index is a class or the ignored one."""
    drawn = targets.indices(DrawnChoices(data.draw), count, classes, ignored)
    assert drawn.dtype == np.int64
    assert drawn.shape == (count,)
    assert (((drawn >= 0) & (drawn < classes)) | (drawn == ignored)).all()


@pytest.mark.parametrize(
    "predicate",
    [
        lambda t: (t == -100).all(),
        lambda t: (t == -100).sum() == 1,
        lambda t: (t != -100).sum() == 1,
        lambda t: t.tolist() == [0, 1, 2, 0, 1, 2],
        lambda t: (t == 2).all(),
        lambda t: ((t == -100) == [True, False] * 3).all(),
    ],
    ids=["all ignored", "one ignored", "one left", "in turn", "last class", "periodic"],
)
def test_indices_reach(predicate: Callable[..., Any]) -> None:
    """Each structure of indices and ignored rows is drawn."""
    drawn = (targets.indices(CounterChoices(0, i), 6, 3, -100) for i in range(2000))
    assert any(predicate(indices) for indices in drawn)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=50)
@given(data=st.data(), count=st.integers(0, 40), classes=st.integers(1, 9))
def test_probabilities_are_finite_rows(
    dtype: str, data: st.DataObject, count: int, classes: int
) -> None:
    """Probabilities have the format and shape asked for and lie within [-2, 2]."""
    drawn = targets.probabilities(DrawnChoices(data.draw), grid(dtype), count, classes)
    assert drawn.dtype == numpy_dtype(dtype)
    assert drawn.shape == (count, classes)
    assert (np.abs(drawn.astype(np.float64)) <= 2).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("total", [0, 0.5, 1, 2])
def test_probabilities_sum_to(dtype: str, total: float) -> None:
    """Rows that sum to exactly 0, 0.5, 1 and 2 are drawn."""
    drawn = (
        targets.probabilities(CounterChoices(0, i), grid(dtype), 2, 3)
        for i in range(300)
    )
    assert any((p.astype(np.float64).sum(axis=1) == total).all() for p in drawn)


def test_probabilities_are_seldom_negative() -> None:
    """A negative share comes up, in fewer than one of ten draws."""
    drawn = [
        targets.probabilities(CounterChoices(0, i), grid("float32"), 2, 3)
        for i in range(400)
    ]
    assert 0 < sum(bool((p < 0).any()) for p in drawn) < 40


@pytest.mark.parametrize("dtype", DTYPES)
def test_companion_is_near_same_or_apart(dtype: str) -> None:
    """A companion has the shape of its input, and is at times near it or equal."""
    given_values = reals.ordinary(CounterChoices(1, 1), grid(dtype), 6)
    given_array = grid(dtype).array(given_values).reshape(2, 3)
    drawn = [
        targets.companion(CounterChoices(0, i), grid(dtype), given_array)
        for i in range(200)
    ]
    assert all(target.shape == (2, 3) for target in drawn)
    assert all(target.dtype == given_array.dtype for target in drawn)
    differences = [np.abs((t - given_array).astype(np.float64)) for t in drawn]
    assert any((d == 0).all() for d in differences)
    assert any((d > 0).any() and d.max() < 0.5 for d in differences)
    assert any((t == -given_array).all() for t in drawn)
    assert any((t == 0).all() for t in drawn)
    exact = given_array.astype(np.float64)
    with np.errstate(all="ignore"):
        ratios = [t.astype(np.float64) / exact for t in drawn]
    assert any(((r >= 0.5) & (r <= 2)).all() and np.ptp(r) > 0.5 for r in ratios)


@pytest.mark.parametrize("dtype", DTYPES)
def test_shares_near_the_softmax(dtype: str) -> None:
    """They are the softmax to a few units of the half formats, or 1/C without one."""
    rows = grid(dtype).array([0.0, 1.0, -2.0, 3.0, 3.0, -60.0]).reshape(2, 3)
    shares = targets.near_softmax(grid(dtype), rows).astype(np.float64)
    powers = np.exp(rows.astype(np.float64))
    exact = powers / powers.sum(axis=1, keepdims=True)
    assert np.allclose(
        shares, exact, rtol=2.0**-8, atol=0 if dtype != "float16" else 1e-7
    )
    masked = grid(dtype).array([np.inf, 1.0, -np.inf, 0.0]).reshape(2, 2)
    assert (targets.near_softmax(grid(dtype), masked).astype(np.float64) == 0.5).all()


def test_labels_reach_the_ends_of_tiles() -> None:
    """The last class, powers of two and their neighbours below are drawn as labels."""
    drawn = {
        int(label)
        for i in range(1500)
        for label in targets.indices(CounterChoices(0, i), 3, 2049, -100)
    }
    assert {0, 2048, 2047, 1024, 1023, 256, 255, 128} <= drawn
