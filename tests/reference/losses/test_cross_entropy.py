"""Cross-entropy and its gradients against second sources."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plain_cases import (
    Question,
    anything,
    moderate,
    positive,
    questions,
    rationals,
    tame,
    wild,
)
from plain_fields import ArbField, MpmathField, arb_field, exact
from plain_formats import LINES
from plain_losses import Classes, losses, plain_cross_entropy, variables_of

import reference
from reference import Enclosure, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def arb() -> Iterator[ArbField]:
    """Return balls of 2500 bits."""
    yield from arb_field(2500)


@pytest.fixture(scope="module")
def many_bits() -> MpmathField:
    """Return mpmath's numbers of 2500 bits."""
    return MpmathField(2500)


def pairs(question: Question, field: Any) -> Iterator[tuple[Enclosure, int, Any]]:
    """Yield every element of the oracle's answer with what the second source says."""
    result = question.ask()
    value, partials = plain_cross_entropy(question.case, field)
    for i, number in enumerate(value):
        yield result.value, i, number
    for n, row in enumerate(question.case.logits):
        for c in range(len(row)):
            for name in ("input", "target"):
                if name in result.gradient:
                    place = question.place(n, c)
                    index = np.ravel_multi_index(place, result.gradient[name].shape)
                    zero = field.of(Fraction(0))
                    number = partials.get((name, n, c), zero)
                    yield result.gradient[name], int(index), number
    for c in range(len(question.case.weight or ())):
        number = partials.get(("weight", c), field.of(Fraction(0)))
        yield result.gradient["weight"], c, number


def assert_rounds_between(enclosure: Enclosure, i: int, low: Any, high: Any) -> None:
    """Assert correct rounding in every format, given ends of the exact value."""
    alone = Enclosure((), lambda precision: [enclosure.elements(precision)[i]])
    for line in LINES:
        ends = sorted([line.nearest(low), line.nearest(high)])
        try:
            rounded = float(alone.round_to(line.name))
        except Undecided:
            decided = ends[0] == ends[1]
            assert not decided, (line, ends)
        else:
            assert ends[0] <= rounded <= ends[1], (line, rounded, ends)


def assert_agrees_with_arb(question: Question, arb: ArbField) -> None:
    """Assert that enclosures meet Arb's balls and that roundings agree."""
    for enclosure, i, ball in pairs(question, arb):
        lower, upper = enclosure.lower.ravel()[i], enclosure.upper.ravel()[i]
        assert not arb.ball(lower) > ball, (enclosure, i)
        assert not arb.ball(upper) < ball, (enclosure, i)
        assert_rounds_between(enclosure, i, *arb.ends(ball))


@settings(max_examples=150)
@given(question=questions())
def test_agrees_with_arb(question: Question, arb: ArbField) -> None:
    """All quantities under all options meet the balls that Arb finds."""
    assert_agrees_with_arb(question, arb)


@settings(max_examples=60)
@given(question=questions(logits=(anything,), factors=(wild, positive)))
def test_agrees_with_arb_at_any_size(question: Question, arb: ArbField) -> None:
    """They do for logits, weights and cotangents of any size too."""
    assert_agrees_with_arb(question, arb)


@pytest.mark.slow
@settings(max_examples=1000)
@given(question=questions(logits=(*tame, anything), factors=(wild, positive)))
def test_agrees_with_arb_often(question: Question, arb: ArbField) -> None:
    """They do in a thousand cases of both kinds."""
    assert_agrees_with_arb(question, arb)


@settings(max_examples=80)
@given(question=questions())
def test_agrees_with_mpmath_at_another_precision(
    question: Question, many_bits: MpmathField
) -> None:
    """All quantities enclose what mpmath finds in 2500 bits by another formula."""
    slack = Fraction(1, 2**1500)
    for enclosure, i, number in pairs(question, many_bits):
        middle = many_bits.fraction(number)
        assert exact(enclosure.lower.ravel()[i]) <= middle + slack
        assert exact(enclosure.upper.ravel()[i]) >= middle - slack
        assert_rounds_between(enclosure, i, middle - slack, middle + slack)


def numerical(case: Classes, key: Any, field: MpmathField) -> Any:
    """Return the derivative of Σ upstream · loss by one variable, by differences."""
    at = variables_of(case, field)
    upstream = case.upstream or [Fraction(1)] * len(case.logits)

    def scalar(x: Any) -> Any:
        value = losses(case, field, {**at, key: type(at[key])(x)})
        pairs = zip(upstream, value, strict=False)
        return sum((field.of(u) * v.value for u, v in pairs), field.of(Fraction(0)))

    return field.context.diff(scalar, at[key].value)


@settings(max_examples=12)
@given(question=questions(logits=(moderate, rationals)), data=st.data())
def test_gradients_agree_with_numerical_differentiation(
    question: Question, data: st.DataObject
) -> None:
    """A difference quotient of mpmath confirms 25 digits of a gradient."""
    field = MpmathField(400)
    key = data.draw(st.sampled_from(list(variables_of(question.case, field))))
    assume(key[0] != "target" or not isinstance(question.case.target[0], int))
    quotient = field.fraction(numerical(question.case, key, field))
    place = key[1] if key[0] == "weight" else question.place(*key[1:])
    enclosure = question.ask().gradient[key[0]]
    slack = Fraction(1, 10**25) * max(1, abs(quotient))
    assert exact(enclosure.lower[place]) <= quotient + slack
    assert exact(enclosure.upper[place]) >= quotient - slack


@settings(max_examples=100)
@given(
    row=st.lists(st.floats(-700, 700, width=32), min_size=1, max_size=8), data=st.data()
)
def test_agrees_with_directed_rounding(row: list[float], data: st.DataObject) -> None:
    """The loss of a plain row meets the interval of MPFR rounded down and up."""
    gmpy2 = pytest.importorskip("gmpy2")
    y = data.draw(st.integers(0, len(row) - 1))
    ends = []
    for mode in (gmpy2.RoundDown, gmpy2.RoundUp):
        with gmpy2.context(precision=300, round=mode, emin=-(10**8), emax=10**8):
            rest = gmpy2.mpfr(0)
            for c, x in enumerate(row):
                if c != y:
                    rest += gmpy2.exp(gmpy2.mpfr(x) - gmpy2.mpfr(row[y]))
            ends.append(Fraction(*map(int, gmpy2.log1p(rest).as_integer_ratio())))
    value = reference.cross_entropy([row], [y]).value
    assert exact(value.lower.item()) <= ends[1]
    assert exact(value.upper.item()) >= ends[0]
    assert_rounds_between(value, 0, *ends)
