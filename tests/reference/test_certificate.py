"""What is stated in a certificate is, read back, what the oracle holds."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import libmp

import reference
from reference.certificate import (
    ADMITTED,
    claim,
    claims,
    exact_text,
    fraction_text,
    mpf_text,
    period,
    position,
    quantities,
    spread,
    statement,
)
from reference.element import Admit, Element
from reference.remainder import Remainder, to_fraction

if TYPE_CHECKING:
    from reference.remainder import Mpf

FRACTIONS = st.one_of(
    st.fractions(),
    st.floats(allow_nan=False, allow_infinity=False).map(Fraction),
    st.builds(Fraction, st.integers(), st.integers(1, 10**40)),
)
MPFS = st.builds(libmp.from_man_exp, st.integers(), st.integers(-5000, 5000))


def number(text: str) -> Fraction | float:
    """Read a number as the schema describes it."""
    if "x" in text or "n" in text:
        value = float.fromhex(text)
        return Fraction(value) if math.isfinite(value) else value
    return Fraction(text)


def end(text: str) -> Mpf:
    """Read an end of a remainder as the schema describes it."""
    man, exp = text.split("*2^")
    return libmp.from_man_exp(int(man), int(exp))


@given(FRACTIONS)
def test_numbers_are_stated_exactly(value: Fraction) -> None:
    """Both ways of writing a number lose nothing; floats are written as such."""
    assert number(exact_text(value)) == value
    assert number(fraction_text(value)) == value
    try:
        fits = Fraction(float(value)) == value
    except OverflowError:
        fits = False
    assert ("x" in exact_text(value)) == fits


def test_special_numbers_have_names() -> None:
    """Infinities and nan are the words that float.fromhex reads."""
    texts = [exact_text(v) for v in (math.inf, -math.inf, math.nan)]
    assert texts == ["inf", "-inf", "nan"]


@given(MPFS)
def test_ends_are_stated_exactly(value: Mpf) -> None:
    """An end of a remainder is read back bit for bit."""
    assert end(mpf_text(value)) == value


def test_no_size_is_too_large() -> None:
    """Integers beyond 4300 digits, which Python refuses to print, are stated."""
    huge = 10**5000 + 1
    assert fraction_text(Fraction(1, huge)) == f"1/1{'0' * 4999}1"
    value = libmp.from_man_exp(-3, huge)
    assert mpf_text(value) == f"-3*2^1{'0' * 4999}1"
    assert exact_text(Fraction(huge)) == f"1{'0' * 4999}1"


@given(
    FRACTIONS,
    MPFS,
    MPFS,
    st.sampled_from([None, math.inf, -math.inf]),
    st.integers(0, 31),
)
def test_an_element_is_stated_whole(
    rational: Fraction, lower: Mpf, upper: Mpf, special: float | None, also: int
) -> None:
    """R, both ends of T, the special value and what is admitted are all there."""
    item = Element(rational, Remainder(lower, upper), special, Admit(also))
    stated = claim(item)
    names = {name: flag for flag, name in ADMITTED.items()}
    assert sum(names[name] for name in stated.pop("admitted")) == also
    if special is not None:
        assert stated == {"special": repr(special)}
        return
    ends = stated["remainder"] or {"lower": "0*2^0", "upper": "0*2^0"}
    assert Fraction(stated["rational"]) == rational
    assert (end(ends["lower"]), end(ends["upper"])) == (lower, upper)
    assert (stated["remainder"] is None) == item.is_rational


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=4), st.integers(1, 60))
def test_what_repeats_is_stated_once(block: list[str], times: int) -> None:
    """The shortest list is found whose elements, taken in turn, give all."""
    texts = block * times
    short = period(texts)
    assert [short[i % len(short)] for i in range(len(texts))] == texts
    shorter = [p for p in range(1, len(short)) if not len(texts) % p]
    assert not any(texts[:p] * (len(texts) // p) == texts for p in shorter)


def test_nothing_repeats_in_an_empty_argument() -> None:
    """An argument without elements has no values."""
    assert period([]) == []


@given(st.integers(0, 300), st.integers(2, 40))
def test_places_are_spread(size: int, most: int) -> None:
    """Never more than asked for, both ends, no two alike, gaps that differ by one."""
    places = list(spread(size, most))
    assert len(places) == min(size, most)
    assert not size or (places[0], places[-1]) == (0, size - 1)
    gaps = {b - a for a, b in pairwise(places)}
    assert not gaps or (min(gaps) >= 1 and max(gaps) - min(gaps) <= 1)


def test_a_spread_has_two_ends() -> None:
    """Fewer than two places cannot be spread; None is all of them."""
    with pytest.raises(ValueError, match="at least 2"):
        spread(10, 1)
    assert list(spread(3, None)) == [0, 1, 2]


@given(st.lists(st.integers(1, 4), max_size=3).map(tuple), st.data())
def test_positions_are_those_of_numpy(
    shape: tuple[int, ...], data: st.DataObject
) -> None:
    """A row-major place has the index that NumPy gives it."""
    place = data.draw(st.integers(0, math.prod(shape) - 1))
    expected = [int(i) for i in np.unravel_index(place, shape)]
    assert position(place, shape) == expected


def read(argument: dict[str, Any]) -> Any:
    """Return an argument of a statement as an object array."""
    values = [number(text) for text in argument["values"]]
    size = math.prod(argument["shape"])
    flat = np.empty(size, dtype=object)
    flat[:] = [values[i % len(values)] for i in range(size)]
    return flat.reshape(argument["shape"]).tolist()


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("probabilities", [False, True])
def test_the_statement_alone_gives_the_answer(
    reduction: str, *, probabilities: bool
) -> None:
    """Asked what the statement says, the oracle gives the same claims."""
    given_: dict[str, Any] = {
        "input": np.array([[0.1, 2, -3], [1, 1, 1], [4, -5, 0]], dtype=np.float32),
        "target": [[0.2, 0.3, 0.5]] * 3 if probabilities else [2, 0, 1],
        "weight": [1, Fraction(2, 3), 0.5],
        "upstream": [1.5, 0, -2] if reduction == "none" else 3,
        "reduction": reduction,
        "ignore_index": -7 if probabilities else 0,
        "label_smoothing": 0.1,
    }
    result = reference.cross_entropy(**given_)
    stated = statement(result.problem)
    again = reference.cross_entropy(
        **{name: read(a) for name, a in stated["arguments"].items()},
        reduction=stated["reduction"],
        ignore_index=stated["ignore_index"],
        label_smoothing=number(stated["label_smoothing"]),
        target_kind=stated["target_kind"],
    )
    for name, exact in quantities(result).items():
        places = range(math.prod(exact.shape))
        other = quantities(again)[name]
        assert list(claims(exact, places, 100)) == list(claims(other, places, 100))


def test_the_statement_of_a_regression_has_no_options_of_another_loss() -> None:
    """MAE and MSE are stated by their arguments and the reduction."""
    stated = statement(reference.mse([1, 2], [0.5, Fraction(1, 3)]).problem)
    assert stated == {
        "loss": "mse",
        "reduction": "mean",
        "arguments": {
            "input": {"shape": [2], "values": ["1", "2"]},
            "target": {"shape": [2], "values": ["0x1.0000000000000p-1", "1/3"]},
        },
    }


def test_the_precision_is_that_of_the_remainder() -> None:
    """The interval is as narrow as its precision says, and not much narrower."""
    exact = reference.cross_entropy([[0, -6]], [0]).value
    for precision in (32, 64, 500):
        (stated,) = claims(exact, [0], precision)
        low, high = (
            to_fraction(end(stated["remainder"][k])) for k in ("lower", "upper")
        )
        width = (high - low) / low
        assert Fraction(1, 2**precision) <= width <= Fraction(3, 2**precision)
