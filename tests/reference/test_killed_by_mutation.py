"""Properties that no other test states, found missing by editing the oracle wrongly."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from reference import ProblemError
from reference.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8"])
@pytest.mark.parametrize("given_", [[0, 3], [3, 0], [0, 127]])
def test_class_indices_of_arrays_are_below_c(dtype: str, given_: list[int]) -> None:
    """C and above is refused in integer arrays, wherever it stands."""
    target = np.array(given_, dtype=dtype)
    with pytest.raises(ProblemError, match=r"indices in \[0, 3\)") as caught:
        reference.cross_entropy(np.zeros((2, 3)), target)
    assert caught.value.argument == "target"


@pytest.mark.parametrize("index", [-1, -99, -101, -128])
def test_class_indices_of_arrays_are_not_negative(index: int) -> None:
    """No negative number means a class from the end; only `ignore_index` is accepted."""
    target = np.array([0, index], dtype=np.int8)
    with pytest.raises(ProblemError, match=f"ignore_index=-100, got {index}"):
        reference.cross_entropy(np.zeros((2, 3)), target)
    reference.cross_entropy(np.zeros((2, 3)), target, ignore_index=index)


def repeated(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a view that NumPy itself made read-only."""
    return np.broadcast_to(array, (3, *array.shape))


def locked(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a view that only this name cannot write through."""
    view = array.view()
    view.flags.writeable = False
    return view


@pytest.mark.parametrize("view_of", [repeated, locked])
def test_reading_copies_what_others_can_write_to(view_of: Callable[..., Any]) -> None:
    """A read-only view of an array that changes afterwards changes nothing."""
    array = np.array([1.0, 2.0])
    numbers = Numbers.read("input", view_of(array))
    array[0] = 5.0
    assert set(numbers.values.ravel()) == {1, 2}


@given(values=st.lists(st.fractions() | st.floats(allow_nan=False), min_size=1))
def test_floats_stand_for_the_numbers_exactly(values: list[float | Fraction]) -> None:
    """Numbers that are not all floats are never offered as floats, rounded."""
    numbers = Numbers.read("input", values)
    floats = numbers.floats
    if floats is None:
        assert any(isinstance(v, Fraction) for v in values)
    else:
        assert floats.tolist() == numbers.values.tolist()
