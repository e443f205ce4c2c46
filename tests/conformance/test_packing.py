"""Packed JSON gives back every float bit for bit."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.packing import dumps, loads, pack

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(PLAIN)
def test_packed_data_comes_back(value: Any) -> None:
    """Reading what was written gives the same data, negative zeros included."""
    assert repr(loads(dumps(value))) == repr(json_order(value))


def json_order(value: Any) -> Any:
    """Return `value` with the keys of mappings in the order that `dumps` writes."""
    if isinstance(value, dict):
        return {k: json_order(v) for k, v in sorted(value.items())}
    if isinstance(value, list):
        return [json_order(item) for item in value]
    return value


@given(st.floats())
def test_packed_text_holds_no_number_with_a_point(value: float) -> None:
    """No float reaches the text as a number, so no NaN or Infinity token can."""
    json.loads(dumps([value]), parse_float=_refuse, parse_constant=_refuse)


def _refuse(token: str) -> float:
    message = f"a float must not be written as {token}"
    raise AssertionError(message)


def test_nan_comes_back_as_nan() -> None:
    """NaN survives, whatever its bits were."""
    assert math.isnan(loads(dumps(math.nan)))


def test_options_of_a_case_are_left_alone() -> None:
    """A case spells its floats in another way, which packing does not touch."""
    option = {"label_smoothing": {"float": "0x1.0p-3"}}
    assert pack(option) == option
    assert loads(dumps(option)) == option
