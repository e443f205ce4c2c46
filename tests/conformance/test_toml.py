"""TOML is read, or refused in a time that its size allows."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from conformance.toml import MOST, loads


def test_tables_are_read() -> None:
    """Keys of a few parts, quoted ones too, and floats as they are asked for."""
    text = 'a.b."c.d" = 1.50\n[e.f]\nurl = "https://a.b.c/d.e"\n'
    found = loads(text, parse_float=Decimal)
    assert found["a"]["b"] == {"c.d": Decimal("1.50")}
    assert found["e"]["f"]["url"] == "https://a.b.c/d.e"
    most = ".".join("a" * MOST)
    assert loads(f"{most} = 1")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("b = 1\n" + ".".join("a" * 100_000) + " = 1", "in line 2"),
        ("[" + " . ".join("a" * 100_000) + "]", "at most 64 parts"),
        ("x = {" + ".".join(["'a'"] * 100_000) + " = 1}", "at most 64 parts"),
        (".".join(['"a"'] * 100_000) + " = 1", "at most 64 parts"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("a = " + "{a=" * 100_000, "nested too deeply"),
        ("a = 1e999999999999999999999", "number is too long"),
        ("a = " + "9" * 5000, "limit"),
        ("a = " + "b" * 1_000_000, "Invalid value"),
        ("'" * 1_000_001, "."),
        ("a-" * 500_000, "."),
    ],
    ids=range(11),
)
def test_what_takes_the_square_of_its_size_is_refused_at_once(
    text: str, part: str
) -> None:
    """Deep keys and tables, long numbers, words and quotes without end."""
    start = time.process_time()
    with pytest.raises(ValueError, match=part):
        loads(text, parse_float=Decimal)
    assert time.process_time() - start < 2
