"""Forms in logarithms of sums, and softmax terms: algebra and zeros."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from plain_fields import MpmathField

from reference.losses.logforms import Evaluator, Form, Spread
from reference.remainder import NOTHING

if TYPE_CHECKING:
    from reference.element import Element

FIELD = MpmathField(1000)
logits = st.lists(
    st.integers(-12, 12).map(lambda n: Fraction(n, 4)), min_size=1, max_size=5
)
factors = st.fractions(-3, 3, max_denominator=12)
SPREADS = [
    Spread.of(Fraction(0), [Fraction(0), Fraction(-1)]),
    Spread.of(Fraction(0), [Fraction(0), Fraction(0)]),
    Spread.of(Fraction(0), [Fraction(0), Fraction(-1), Fraction(-7, 2)]),
]
forms = st.builds(
    lambda r, ks: Form(r, {s: k for s, k in zip(SPREADS, ks, strict=True) if k}),
    factors,
    st.tuples(factors, factors, factors),
)


def number(form: Form) -> Fraction:
    """Return a form's value to 1000 bits, by the definition."""
    value = FIELD.of(form.rational)
    for spread, kappa in form.logs.items():
        whole = FIELD.of(Fraction(spread.largest))
        for gap, count in spread.gaps:
            whole += count * FIELD.exp(FIELD.of(-gap))
        value += FIELD.of(kappa) * FIELD.log(whole)
    return FIELD.fraction(value)


def encloses(item: Element, exact: Fraction) -> bool:
    """Say whether the ends enclose a number known to 900 bits."""
    low, high = item.ends(-1200)
    return low - Fraction(1, 2**900) <= exact <= high + Fraction(1, 2**900)


@given(row=logits, shift=st.fractions())
def test_spread_forgets_order_and_offset(row: list[Fraction], shift: Fraction) -> None:
    """It depends on the gaps below the largest logit and how often they occur."""
    spread = Spread.of(max(row), row)
    moved = [x + shift for x in reversed(row)]
    assert Spread.of(max(moved), moved) == spread
    assert hash(Spread.of(max(moved), moved)) == hash(spread)
    assert spread.largest == row.count(max(row))
    assert all(gap > 0 for gap, _ in spread.gaps)
    assert spread.largest + sum(n for _, n in spread.gaps) == len(row)


@given(a=forms, b=forms, factor=factors)
def test_forms_are_linear(a: Form, b: Form, factor: Fraction) -> None:
    """A + factor · b has the value it says, and no logarithm with factor 0."""
    made = a.plus(b, factor)
    assert all(made.logs.values())
    assert abs(number(made) - number(a) - factor * number(b)) < Fraction(1, 2**900)
    assert a.plus(a, Fraction(-1)).is_zero
    assert a.times(Fraction(0)).is_zero
    assert a.times(factor) == Form().plus(a, factor)


@given(form=forms, precision=st.sampled_from([64, 100, 500]))
def test_forms_are_enclosed(form: Form, precision: int) -> None:
    """The element encloses the value; without logarithms it is rational."""
    item = Evaluator().form(form, precision)
    assert item.rational == form.rational
    assert (item.remainder == NOTHING) == (not form.logs)
    assert encloses(item, number(form))


@given(form=forms)
def test_sign_of_the_remainder_is_known(form: Form) -> None:
    """Where all factors have one sign the remainder has it too."""
    signs = {1 if k > 0 else -1 for k in form.logs.values()}
    if len(signs) == 1:
        assert Evaluator().form(form, 64).remainder.sign == signs.pop()


@given(row=logits, rational=factors, kappa=factors, data=st.data())
def test_softmax_terms_are_enclosed(
    row: list[Fraction], rational: Fraction, kappa: Fraction, data: st.DataObject
) -> None:
    """They are R + κ p with p by definition; rational where all are equal."""
    x = data.draw(st.sampled_from(row))
    top = max(row)
    spread = Spread.of(top, row)
    exps = [FIELD.exp(FIELD.of(v)) for v in row]
    p = FIELD.exp(FIELD.of(x)) / sum(exps)
    exact = FIELD.fraction(FIELD.of(rational) + FIELD.of(kappa) * p)
    item = Evaluator().softmax(rational, kappa, spread, top - x, 64)
    assert encloses(item, exact)
    assert item.is_rational == (len(set(row)) == 1 or kappa == 0)


def test_dominant_logit_does_not_cancel() -> None:
    """P − 1 = −s/S is known relatively, though 1 − p is e**−200."""
    spread = Spread.of(Fraction(0), [Fraction(0), Fraction(-200)])
    item = Evaluator().softmax(Fraction(-1), Fraction(1), spread, Fraction(0), 64)
    assert item.rational == 0
    assert item.remainder.sign == -1
    low, high = item.ends(-1200)
    assert 0 < high - low < -low / 2**60
