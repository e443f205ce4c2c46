"""Numbers on the command line mean exactly what is written."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.commands.numerals import DEEPEST, NumeralError, parse

FINITE = st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.one_of(st.integers(), FINITE, st.fractions())
NESTED = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4), max_leaves=20)


def written(value: Any, number: Any) -> str:
    """Return nested numbers as text."""
    if isinstance(value, list):
        return f"[{', '.join(written(item, number) for item in value)}]"
    return str(number(value))


def spelled(value: object) -> str:
    """Return a number as a numeral: integers and fractions plainly, floats by repr."""
    return repr(value) if isinstance(value, float) else str(value)


@given(NESTED)
def test_what_is_written_is_read_back(value: object) -> None:
    """Nested numbers survive, each of its own type except whole fractions."""
    assert parse(written(value, spelled)) == value


@given(FINITE)
def test_hexadecimal_floats_are_exact(value: float) -> None:
    """A hexadecimal literal gives the very same bits."""
    got = parse(value.hex())
    assert isinstance(got, float)
    assert got.hex() == value.hex()


@pytest.mark.parametrize("text", ["1,2,3", "[1,2,3]", " [ 1 , 2 ,3 ] ", "1, 2, 3"])
def test_brackets_of_one_list_may_be_left_out(text: str) -> None:
    """One list may be written with brackets or without."""
    assert parse(text) == [1, 2, 3]


def test_special_values_and_kinds() -> None:
    """Words for infinities and nan are floats; a numeral without a point is an int."""
    values = parse("inf, -inf, nan, 7, 7.0, 2/3")
    assert isinstance(values, list)
    assert values[:2] == [math.inf, -math.inf]
    assert math.isnan(values[2])
    assert [type(v) for v in values[3:]] == [int, float, Fraction]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "got an empty text"),
        ("[1, 2", "got the end of the text"),
        ("[1 2]", "needed ',' or ']' after 1"),
        ("[1], 2]", "needed the end of the list, got ', 2 ]'"),
        ("[,]", "needed a number, got ','"),
        ("1/0", "needed a number, got '1/0'"),
        ("one", "needed a number, got 'one'"),
        ("0x", "needed a number, got '0x'"),
        ("9" * 5000, "needed a number, got '99999"),
        ("[" * (DEEPEST + 1), f"at most {DEEPEST} brackets"),
        ("[" * 5000, f"at most {DEEPEST} brackets"),
    ],
)
def test_what_is_no_number_is_refused(text: str, part: str) -> None:
    """The message says what was needed and what was got, in one short line."""
    with pytest.raises(NumeralError) as error:
        parse(text)
    assert part in str(error.value)
    assert len(str(error.value)) < 120


def test_long_lists_take_linear_time() -> None:
    """A list as long as a command line may be is read without copying its tail."""
    assert parse(",".join(["1"] * 60_000)) == [1] * 60_000
