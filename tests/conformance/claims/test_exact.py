"""Intervals hold what they enclose, and are as narrow as they say."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.claims.exact import (
    Exact,
    ExactError,
    Interval,
    agree,
    compare,
)

NUMBERS = st.fractions(-50, 50, max_denominator=10**6)
FINE = mpmath.MPContext()
FINE.prec = 400


def point(value: Fraction | int) -> Interval:
    """Return the interval of one number."""
    return Interval(Fraction(value), Fraction(value))


def exactly(value: Fraction | int) -> Exact:
    """Return a rational number."""
    return Exact(lambda _bits: point(value))


def fine(value: Fraction) -> object:
    """Return a number to 400 bits."""
    return FINE.mpf(value.numerator) / value.denominator


@given(NUMBERS, st.sampled_from([64, 200]))
def test_exp_and_log_are_enclosed(value: Fraction, bits: int) -> None:
    """The function at 400 bits lies between ends that are close."""
    pairs = [(point(value).exp(bits), FINE.exp(fine(value)))]
    if value > 0:
        pairs.append((point(value).log(bits), FINE.log(fine(value))))
    for interval, truth in pairs:
        assert fine(interval.low) <= truth <= fine(interval.high)
        width = interval.high - interval.low
        assert width <= Fraction(4, 2**bits) * max(1, abs(interval.high))


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.data())
def test_arithmetic_encloses(
    a: Fraction, b: Fraction, c: Fraction, d: Fraction, data: st.DataObject
) -> None:
    """What is made of two numbers lies in what is made of their intervals."""
    left, right = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    share = st.fractions(0, 1, max_denominator=7)
    x = left.low + (left.high - left.low) * data.draw(share)
    y = right.low + (right.high - right.low) * data.draw(share)
    made = [(left + right, x + y), (left - right, x - y), (left * right, x * y)]
    made += [(abs(left), abs(x)), (-left, -x)]
    if right.low > 0 or right.high < 0:
        made.append((left / right, x / y))
    assert all(interval.low <= value <= interval.high for interval, value in made)


def test_rational_values_stay_rational() -> None:
    """At 0 exp is 1 and at 1 log is 0, without an error."""
    assert point(0).exp(64) == point(1)
    assert point(1).log(64) == point(0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: point(1) / Interval(Fraction(-1), Fraction(1)),
        lambda: point(0).log(64),
        lambda: point(10_001).exp(64),
    ],
)
def test_what_does_not_exist_is_refused(make: object) -> None:
    """Division by 0, the logarithm of 0 and exponentials out of hand raise."""
    with pytest.raises(ExactError):
        make()  # type: ignore[operator]  # a lambda


def test_comparison() -> None:
    """Numbers are ordered, told equal where rational, and else left open."""
    log2 = Exact(lambda bits: point(2).log(bits))
    log4 = Exact(lambda bits: point(4).log(bits) / point(2))
    assert compare(exactly(1), exactly(2)) == -1
    assert compare(exactly(2), exactly(1)) == 1
    assert compare(exactly(1), exactly(1)) == 0
    assert compare(log2, exactly(Fraction(69314718056, 10**11))) == -1
    assert compare(log2, log4) is None
    assert agree(log2, log4)
    coarse = Exact(lambda _bits: Interval(Fraction(0), Fraction(1)))
    assert not agree(log2, coarse)


def test_a_number_in_words() -> None:
    """A short fraction is shown as one, others by their digits."""
    assert exactly(Fraction(2, 3)).describe() == "2/3"
    assert Exact(lambda bits: point(2).log(bits)).describe() == "0.69314718056…"
    assert Exact(lambda _bits: point(0), special=float("inf")).describe() == "inf"
