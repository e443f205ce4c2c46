"""The numbers of a case go where they are sent, by powers of two alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.builders.binades import every_into, largest_into, stored
from conformance.builders.grid import grid
from conformance.builders.layouts import Layout, place
from conformance.case import DTYPES, Case, numpy_dtype


def _pair(dtype: str, values: Any) -> Case:
    array = np.array(values, dtype=numpy_dtype(dtype))
    return Case("mae", dtype, {"input": place(array), "target": place(array / 2)})


def _view(case: Case, name: str = "input") -> Any:
    return case.arguments[name].view().astype(np.float64)


def _exponent(values: Any) -> Any:
    return np.frexp(values)[1] - 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("exponent", [-9, 0, 7])
def test_the_largest_number_is_in_its_binade(dtype: str, exponent: int) -> None:
    """All finite numbers are multiplied by one power of two, the target's too."""
    case = _pair(dtype, [1.5, -12.0, 0.0, np.inf, np.nan])
    moved = largest_into(case, exponent)
    factor = 2.0 ** (exponent - 3)
    for name in ("input", "target"):
        expected = _view(case, name) * factor
        assert np.array_equal(_view(moved, name), expected, equal_nan=True)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_number_has_a_binade_of_its_own(dtype: str) -> None:
    """The binades follow one another from the first, and begin again after the last."""
    case = _pair(dtype, np.linspace(1, 100, 12).reshape(3, 4))
    moved = every_into(case, -3, 5, first=7)
    assert _exponent(_view(moved)).reshape(-1).tolist() == [
        *(4, 5, -3, -2, -1, 0, 1, 2, 3, 4, 5, -3)
    ]
    assert np.array_equal(_view(moved, "target") * 2, _view(moved))


def test_a_row_of_logits_stays_together() -> None:
    """Its largest logit is in the binade, and the others keep their ratios to it."""
    logits = np.array([[1, 2, 4], [3, -24, 6]], np.float32)
    target = place(np.array([0, 1]))
    case = Case("cross_entropy", "float32", {"input": place(logits), "target": target})
    moved = every_into(case, 0, 9, first=4)
    assert _view(moved).tolist() == [[4, 8, 16], [6, -48, 12]]
    assert moved.arguments["target"] is target


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_finite_stays_finite(dtype: str) -> None:
    """Beyond the range is the largest number; infinities and NaN stay."""
    top, last = grid(dtype).largest, 2.0 ** grid(dtype).emax
    moved = largest_into(_pair(dtype, [1.0, -1.75, -np.inf, np.nan]), grid(dtype).emax)
    expected = [last, -1.75 * last, -np.inf, np.nan]
    assert np.array_equal(_view(moved), expected, equal_nan=True)
    beyond = every_into(_pair(dtype, [1.75, 2.0]), grid(dtype).emax, 1 << 12, first=5)
    assert _view(beyond).tolist() == [top, top]
    kept = stored(np.array([-1.75 * last, np.inf, np.nan]), dtype)
    exact = kept.astype(np.float64)
    assert np.array_equal(exact, [-1.75 * last, np.inf, np.nan], equal_nan=True)


def test_numbers_that_differ_do_not_lie_in_an_expanded_array() -> None:
    """One place in memory for many elements holds one number."""
    ones = np.ones((2, 3), np.float32)
    wide = place(ones, Layout(expanded=frozenset({0, 1})))
    case = Case("mae", "float32", {"input": wide, "target": wide})
    moved = every_into(case, 0, 5, first=0)
    assert _view(moved).reshape(-1).tolist() == [1, 2, 4, 8, 16, 32]
    assert largest_into(case, 4).arguments["input"].strides == (0, 0)
