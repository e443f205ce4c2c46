"""Sources of choices: the same everywhere, within their limits, nearly uniform."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.builders.choices import CounterChoices, DrawnChoices


def test_stream_is_pinned() -> None:
    """The first words of a stream are these, on every machine and for ever."""
    choices = CounterChoices(7, 11, "x")
    drawn = [choices.integer(0, 10**9) for _ in range(4)]
    assert drawn == [879_252_141, 519_768_797, 769_354_113, 767_321_758]


@given(st.integers(-(2**70), 2**70), st.integers(0, 2**64 - 1), st.integers(0, 99))
def test_integer_is_within_its_limits(low: int, span: int, index: int) -> None:
    """An integer is at least `low` and at most `high`, however far from zero."""
    assert low <= CounterChoices(0, index).integer(low, low + span) <= low + span


@given(st.data(), st.integers(-50, 50), st.integers(0, 20))
def test_drawn_integer_is_within_its_limits(
    data: st.DataObject, low: int, span: int
) -> None:
    """What Hypothesis draws keeps the same limits."""
    assert low <= DrawnChoices(data.draw).integer(low, low + span) <= low + span


def test_every_integer_comes_up() -> None:
    """Over many blocks of the stream each of seven values is drawn its share."""
    choices = CounterChoices(0, 0)
    counts = Counter(choices.integer(0, 6) for _ in range(7000))
    assert sorted(counts) == list(range(7))
    assert min(counts.values()) > 850


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 3), (1, 25), (3, 3)])
def test_chance_is_about_its_fraction(numerator: int, denominator: int) -> None:
    """A chance of k in n comes true in about k of n calls."""
    choices = CounterChoices(3, 1)
    share = sum(choices.chance(numerator, denominator) for _ in range(5000)) / 5000
    assert share == pytest.approx(numerator / denominator, abs=0.02)


@pytest.mark.parametrize("other", [(1, 0, ""), (0, 1, ""), (0, 0, "y")])
def test_key_decides_the_stream(other: tuple[int, int, str]) -> None:
    """Another seed, index or stream name gives other words."""
    words = [
        [choices.integer(0, 2**64 - 1) for _ in range(3)]
        for choices in (CounterChoices(0, 0), CounterChoices(*other))
    ]
    assert words[0] != words[1]


@pytest.mark.parametrize(("low", "high"), [(1, 0), (0, 2**64)])
def test_impossible_range_is_refused(low: int, high: int) -> None:
    """An empty range and one beyond 64 bits are errors that say what was needed."""
    with pytest.raises(ValueError, match=f"low={low} and high={high}"):
        CounterChoices(0, 0).integer(low, high)


def test_choice_prefers_nothing_but_repeats() -> None:
    """An option given twice comes up twice as often."""
    choices = CounterChoices(0, 5)
    counts = Counter(choices.choice("aab") for _ in range(3000))
    assert counts["a"] == pytest.approx(2 * counts["b"], rel=0.15)
