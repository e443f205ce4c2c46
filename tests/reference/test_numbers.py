"""Reading arguments exactly, and refusing what is no array of real numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_formats import Line, floats_of, lines

from reference import ProblemError
from reference.formats import FORMATS
from reference.numbers import Numbers


@given(line=lines, data=st.data())
def test_arrays_are_read_exactly(line: Line, data: st.DataObject) -> None:
    """Every finite value of the four formats is read as its exact value."""
    values = data.draw(st.lists(floats_of(line)))
    array = FORMATS[line.name].array(values, (len(values),))
    numbers = Numbers.read("input", array)
    assert numbers.values.tolist() == [Fraction(v) for v in values]
    assert not numbers.integral
    again = Numbers.read("input", list(array))
    assert again.values.tolist() == numbers.values.tolist()


@given(
    ints=st.lists(st.integers(), min_size=1),
    fractions=st.lists(st.fractions(), min_size=1),
)
def test_python_numbers_are_exact(ints: list[int], fractions: list[Fraction]) -> None:
    """Integers and Fractions of any size are not rounded."""
    whole = Numbers.read("input", ints)
    assert whole.values.tolist() == ints
    assert whole.integral
    assert not whole.integer_dtype
    assert Numbers.read("input", fractions).values.tolist() == fractions
    assert not Numbers.read("input", fractions).integral


@pytest.mark.parametrize(
    "dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
)
def test_integer_arrays_are_integral(dtype: str) -> None:
    """All integer types are read exactly up to their limits."""
    limits = [np.iinfo(dtype).min, np.iinfo(dtype).max]
    numbers = Numbers.read("target", np.array(limits, dtype=dtype))
    assert numbers.values.tolist() == limits
    assert numbers.integral
    assert numbers.integer_dtype


def test_integral_takes_all_elements() -> None:
    """One float among integers makes them floats; an empty list is not integral."""
    assert not Numbers.read("target", [1, 2.0]).integral
    assert not Numbers.read("target", []).integral
    assert Numbers.read("target", [np.int64(1), 2]).integral


@pytest.mark.parametrize(
    ("given_", "shape"),
    [
        (3, ()),
        ([], (0,)),
        ([[], []], (2, 0)),
        ([[1, 2, 3]], (1, 3)),
        (((1,), [2]), (2, 1)),
    ],
)
def test_shape_is_that_of_the_nesting(given_: Any, shape: tuple[int, ...]) -> None:
    """Lists and tuples nest to a shape."""
    assert Numbers.read("input", given_).shape == shape


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ml_dtypes.bfloat16])
def test_special_values_are_kept(dtype: Any) -> None:
    """Infinities and nan stay floats, in arrays and in lists; −0 is read as 0."""
    array = np.array([math.inf, -math.inf, math.nan, -0.0], dtype=dtype)
    for source in (array, array.astype(np.float64).tolist()):
        plus, minus, nan, zero = Numbers.read("input", source).values
        assert (plus, minus, math.isnan(nan)) == (math.inf, -math.inf, True)
        assert zero == Fraction(0)
        assert isinstance(zero, Fraction)


def test_layout_does_not_matter() -> None:
    """Views, byte orders and Fortran order are read by index."""
    array = np.arange(12.0).reshape(3, 4)
    for view in (
        array[::-1, ::2],
        array.T,
        np.asfortranarray(array),
        array.astype(">f8"),
    ):
        assert (Numbers.read("input", view).values == view).all()


def test_reading_copies() -> None:
    """Changing an array afterwards changes nothing."""
    array = np.ones(2)
    numbers = Numbers.read("input", array)
    array[0] = 5
    assert numbers.values.tolist() == [1, 1]


RAGGED = [[1, [2]], [[1], [2, 3]], [[1], []], [[[1]], [[1], [2]]]]
NOT_REAL = [
    None,
    "1",
    1j,
    True,
    [1.0, False],
    ["a"],
    [None],
    {},
    Decimal(1),
    [Decimal(1)],
    [np.bool_(0)],
    [np.zeros(2)],
    object(),
]
NO_DTYPE = [
    np.array([1j]),
    np.array([True]),
    np.array(["a"]),
    np.array([None]),
    np.array([1.0], dtype=np.longdouble),
    np.complex64(1),
    np.bool_(1),
    [np.complex64(1)],
    np.array([1], dtype=ml_dtypes.float8_e4m3fn),
    np.array(["2020-01-01"], dtype="datetime64[D]"),
]


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        *((value, "input must not be ragged, got parts of shapes") for value in RAGGED),
        *(
            (value, r"input must hold real numbers .*, got .* of type ")
            for value in NOT_REAL
        ),
        *(
            (value, "input must be of dtype float16, .* integer type, got ")
            for value in NO_DTYPE
        ),
    ],
)
def test_what_is_not_numbers_is_refused(given_: Any, message: str) -> None:
    """The message names the argument, what was needed and what was got."""
    with pytest.raises(ProblemError, match=message) as caught:
        Numbers.read("input", given_)
    assert caught.value.argument == "input"


@pytest.mark.torch
def test_tensors_are_refused_clearly() -> None:
    """A tensor is named as such, not read element by element."""
    torch = pytest.importorskip("torch")
    for tensor in (torch.zeros(2), [torch.tensor(1.0)], torch.tensor([1])):
        with pytest.raises(ProblemError, match=r"NumPy's own\), got .*of type Tensor"):
            Numbers.read("input", tensor)
