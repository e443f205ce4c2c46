"""What is shown can be printed anywhere, and reads as before."""

from __future__ import annotations

import sys
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.writers.characters import legible, shown

ANY = st.text(st.characters(exclude_categories=()))


@given(ANY)
def test_every_text_becomes_one_line_that_utf8_and_xml_have(text: str) -> None:
    """Nothing is left that acts on a terminal, and XML gives back what it was given."""
    made = shown(text)
    made.encode()
    assert not any(unicodedata.category(mark) in {"Cc", "Cs"} for mark in made)
    element = ET.Element("a", b=made)
    element.text = made
    read = ET.fromstring(ET.tostring(element))
    assert (read.text or "", read.get("b")) == (made, made)
    assert shown(made) == made


def test_every_character_that_is_changed_is_named() -> None:
    """Marks that order or end a line are among them; letters of any script are not."""
    every = map(chr, range(sys.maxunicode + 1))
    changed = {ord(mark) for mark in every if shown(mark) != mark}
    assert {0x1B, 0x7F, 0x9B, 0xD800, 0x202E, 0x2066, 0xFFFF} <= changed
    categories = {unicodedata.category(chr(code)) for code in changed}
    assert categories == {"Cc", "Cs", "Cf", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "made"),
    [("a\r\nb\tc", "a  b c"), ("\x1b[31m", "\\u001b[31m"), ("\ud800", "\\ud800")],
)
def test_what_cannot_be_printed_is_an_escape(text: str, made: str) -> None:
    """White space is a space; the rest is told by its number."""
    assert shown(text) == made


def test_no_entry_takes_the_place_of_another() -> None:
    """Keys that read the same afterwards are kept, each with its value."""
    made = legible({"a b": 1, "a\tb": 2, "a\nb": 3})
    assert made == {"a b": 1, "a b (another)": 2, "a b (another) (another)": 3}


def test_data_are_made_legible_all_the_way_down() -> None:
    """Keys too, and numbers stay what they are."""
    given_data = {"a\n": [1, 2.5, None, ("b\a", True)]}
    assert legible(given_data) == {"a ": [1, 2.5, None, ["b\\u0007", True]]}
