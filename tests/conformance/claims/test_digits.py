"""Written numbers are held against exact ones by their digits."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.claims.digits import Digits, rewritten, rule_on, unit, written

EXACT = st.fractions(-1000, 1000, max_denominator=10**9)
PLACES = st.integers(0, 50)


def numeral(scaled: int, places: int) -> str:
    """Return the decimal number scaled / 10**places, with all its places."""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    text = f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}"
    return f"{'-' if scaled < 0 else ''}{text.rstrip('.')}"


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("2/3", Digits.EXACT),
        ("0.6", Digits.CUT_OFF),
        ("0.7", Digits.ROUNDED),
        ("0.6666", Digits.CUT_OFF),
        ("0.6667", Digits.ROUNDED),
        ("6.667e-1", Digits.ROUNDED),
        ("0.6668", Digits.WRONG),
        ("0.60", Digits.WRONG),
        ("0.5", Digits.WRONG),
        ("3/5", Digits.WRONG),
    ],
)
def test_digits_of_two_thirds(text: str, ruling: Digits) -> None:
    """Two thirds is 0.6667, may be cut off to 0.6666, and is nothing else."""
    assert rule_on(text, Fraction(2, 3)) is ruling


def test_the_last_digit_may_be_one_off() -> None:
    """Rounded up where it should go down is within one unit, and called that."""
    assert rule_on("0.34", Fraction(1, 3)) is Digits.LAST_DIGIT
    assert rule_on("-0.34", Fraction(-1, 3)) is Digits.LAST_DIGIT
    assert rule_on("0.35", Fraction(1, 3)) is Digits.WRONG


def test_ties_round_either_way() -> None:
    """A tie may be rounded to even or away from zero; an exact number is exact."""
    for sign in ("", "-"):
        exact = Fraction(f"{sign}1/8")
        assert rule_on(f"{sign}0.12", exact) is Digits.ROUNDED
        assert rule_on(f"{sign}0.13", exact) is Digits.ROUNDED
        assert rule_on(f"{sign}0.125", exact) is Digits.EXACT
        assert rule_on(f"{sign}0.1250", exact) is Digits.EXACT
    assert rule_on("0.37", Fraction(3, 8)) is Digits.CUT_OFF


@given(EXACT, PLACES)
def test_rounded_digits_hold(exact: Fraction, places: int) -> None:
    """A number rounded with Python's integers holds, and is what we would write."""
    text = numeral(round(exact * 10**places), places)
    assert rule_on(text, exact) in (Digits.EXACT, Digits.ROUNDED)
    assert Fraction(rewritten(text, exact)) == Fraction(text)


@given(EXACT, PLACES)
def test_what_we_would_write_holds(exact: Fraction, places: int) -> None:
    """The correction of any number of so many places is right, and as long."""
    said = numeral(7, places)
    text = rewritten(said, exact)
    assert rule_on(text, exact) in (Digits.EXACT, Digits.ROUNDED)
    assert unit(text) == unit(said)


@given(EXACT, PLACES, st.integers(-3, 3))
def test_the_distance_in_units_decides(exact: Fraction, places: int, off: int) -> None:
    """Each ruling is what its definition says, in exact arithmetic."""
    scaled = exact * 10**places
    said = math.floor(scaled) + off
    ruling = rule_on(numeral(said, places), exact)
    distance = abs(said - scaled)
    if distance == 0:
        assert ruling is Digits.EXACT
    elif distance < Fraction(1, 2):
        assert ruling is Digits.ROUNDED
    elif distance == Fraction(1, 2):
        assert ruling in (Digits.ROUNDED, Digits.CUT_OFF)
    elif distance < 1:
        nearer_zero = abs(said) < abs(scaled)
        assert ruling is (Digits.CUT_OFF if nearer_zero else Digits.LAST_DIGIT)
    else:
        assert ruling is Digits.WRONG


@given(EXACT, PLACES, st.integers(-2, 2), st.integers(1, 60))
def test_an_interval_rules_as_every_number_in_it_or_not_at_all(
    exact: Fraction, places: int, off: int, narrow: int
) -> None:
    """What an interval decides is what its ends and its middle are."""
    assume(exact != 0)
    high = exact + abs(exact) / 2**narrow
    text = numeral(math.floor(exact * 10**places) + off, places)
    ruling = rule_on(text, exact, high)
    if ruling is not None:
        for number in (exact, (exact + high) / 2, high):
            assert rule_on(text, number) in (ruling, Digits.EXACT)


def test_no_digit_is_too_far_right_to_count() -> None:
    """Just above a tie only the number above is right, for either sign."""
    above = Fraction(1, 2) + Fraction(1, 3 * 10**38)
    for sign in (1, -1):
        assert rule_on(str(sign), sign * above) is Digits.ROUNDED
        assert rule_on("0", sign * above) is Digits.CUT_OFF


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "1/0", "0x1", "1e9999", "9" * 61])
def test_what_is_no_number_is_refused(text: str) -> None:
    """Only decimals, fractions, nan and infinities of moderate length are read."""
    with pytest.raises(ValueError, match="a number as text"):
        written(text)


def test_a_printed_tensor_is_a_number() -> None:
    """Trailing zeros of a print count as digits."""
    assert written(" tensor(0.6000) ") == "0.6000"
    assert rule_on("0.6000", Fraction(2, 3)) is Digits.WRONG
