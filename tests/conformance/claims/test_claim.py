"""Written numbers are held against exact ones by their digits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from conformance.claims.claim import Ruling, rule_on, written_to


@pytest.mark.parametrize(
    ("written", "ruling"),
    [
        ("0.6", Ruling.CUT_OFF),
        ("0.7", Ruling.ROUNDED),
        ("0.6666", Ruling.CUT_OFF),
        ("0.6667", Ruling.ROUNDED),
        ("0.6668", Ruling.FALSE),
        ("0.60", Ruling.FALSE),
    ],
)
def test_digits_of_two_thirds(written: str, ruling: Ruling) -> None:
    """Two thirds is 0.6667, may be cut off to 0.6666, and is nothing else."""
    assert rule_on(written, Fraction(2, 3)) is ruling


def test_ties_round_either_way() -> None:
    """A tie may be rounded to even or up, and an exact number is exact."""
    assert rule_on("0.12", Fraction(1, 8)) is Ruling.ROUNDED
    assert rule_on("0.13", Fraction(1, 8)) is Ruling.ROUNDED
    assert rule_on("0.125", Fraction(1, 8)) is Ruling.HOLDS


@given(st.fractions(-1000, 1000), st.integers(0, 12))
def test_correct_digits_always_hold(exact: Fraction, places: int) -> None:
    """A number rounded to any places with Python's own integers holds."""
    scaled = round(exact * 10**places)
    sign, digits = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(places + 1, "0")
    text = f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}"
    assert rule_on(text.rstrip("."), exact) in (Ruling.HOLDS, Ruling.ROUNDED)


def test_no_digit_is_too_far_right_to_count() -> None:
    """Just above a tie only the number above is right, for either sign."""
    above = Fraction(1, 2) + Fraction(1, 3 * 10**38)
    for sign in (1, -1):
        assert rule_on(str(sign), sign * above) is Ruling.ROUNDED
        assert rule_on("0", sign * above) is Ruling.CUT_OFF


def test_an_enclosure_is_written_with_correct_digits() -> None:
    """The digits of an irrational loss are those of log 2."""
    assert written_to(reference.cross_entropy([0, 0], 0).value, 10) == "0.6931471806"
