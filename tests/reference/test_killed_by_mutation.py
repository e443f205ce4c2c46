"""Properties that no other test states, found missing by editing the oracle wrongly."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_fields import MpmathField

import reference
from reference import ProblemError
from reference.fast.accumulator import _Bins
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
    """No negative number but `ignore_index` is accepted: none counts from the end."""
    target = np.array([0, index], dtype=np.int8)
    with pytest.raises(ProblemError, match=f"ignore_index=-100, got {index}"):
        reference.cross_entropy(np.zeros((2, 3)), target)
    reference.cross_entropy(np.zeros((2, 3)), target, ignore_index=index)


def test_ignore_index_zero_is_refused_beside_probabilities() -> None:
    """No class is ignored in silence where the target has no indices, nor class 0."""
    with pytest.raises(ProblemError, match="be negative when target holds class prob"):
        reference.cross_entropy([[0.0, 1.0]], [[0.5, 0.5]], ignore_index=0)


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


@pytest.mark.parametrize("special", [math.inf, -math.inf, math.nan])
def test_bounds_of_a_special_value_are_that_value(special: float) -> None:
    """Where nan or an infinity is required, no finite number is inside the bounds."""
    value = reference.mae([special, 1.0], [0.0, 0.0], reduction="sum").value
    expected = abs(special)  # the loss of −inf is inf
    low, high = (bound.item() for bound in value.bounds())
    assert repr(low) == repr(high) == repr(expected)
    gradient = reference.mse([special], [0.0]).gradient["target"]
    low, high = (bound.item() for bound in gradient.bounds())
    assert repr(low) == repr(high) == repr(-special)


@given(
    row=st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=4, unique=True),
    digits=st.sampled_from([19, 20, 38, 39]),
)
def test_digits_at_the_edge_of_a_precision_are_right(
    row: list[float], digits: int
) -> None:
    """Of as many digits as 64 or 128 bits just reach, the last one is right too."""
    text = reference.cross_entropy([row], [0]).value.describe(0, digits)
    field = MpmathField(1000)
    whole = sum(field.exp(field.of(Fraction(x) - Fraction(row[0]))) for x in row)
    value = field.fraction(field.log(whole))
    unit = Fraction(10) ** (math.floor(math.log10(value)) - digits + 1)
    assert text.endswith("…")
    assert abs(Fraction(text[:-1]) - value) <= unit * (
        Fraction(1, 2) + Fraction(1, 10**9)
    )


@given(
    addends=st.lists(st.integers(0, 2**60 - 1), min_size=1, max_size=40),
    calls=st.integers(1, 8),
)
def test_bins_that_are_nearly_full_are_emptied(addends: list[int], calls: int) -> None:
    """Eight numbers below 2**60 fill an int64; many more are added exactly."""
    bins = _Bins(limbs=1, spacing=0, width=60, exponents=4)
    for start in range(0, len(addends), calls):
        some = np.array(addends[start : start + calls])
        bins.add([some], np.zeros(some.shape, dtype=np.int64))
    assert bins.total() == sum(addends)
    assert bins.total() == sum(addends)
