"""Formulas mean what mathematics says, and nothing else is evaluated."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from conformance.claims.exact import ExactError, agree
from conformance.claims.formula import FormulaError, evaluate
from conformance.claims.truth import truth

SMALL = st.lists(st.fractions(-9, 9, max_denominator=50), min_size=1, max_size=4)


@given(SMALL, st.data())
def test_definitions_are_the_losses(x: list[Fraction], data: st.DataObject) -> None:
    """The textbook formulas of MAE and MSE give what the oracle gives."""
    size = len(x)
    numbers = st.lists(
        st.fractions(-9, 9, max_denominator=50), min_size=size, max_size=size
    )
    y = data.draw(numbers)
    names = {"input": x, "target": y}
    for loss, formula in (
        (reference.mae, "sum(abs(input - target)) / n"),
        (reference.mse, "mean((input - target) ** 2)"),
    ):
        assert evaluate(formula, names).middle == loss(x, y).value.lower.item()


@given(SMALL)
def test_log_sum_exp_is_the_cross_entropy(x: list[Fraction]) -> None:
    """The textbook formula of cross-entropy agrees with the oracle to 1000 digits."""
    formula = evaluate("log(sum(exp(input))) - input[0]", {"input": x})
    arguments = {"loss": "cross_entropy", "input": x, "target": 0}
    (oracle,) = truth(arguments).numbers
    assert agree(formula, oracle)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "open('x', 'w')",
        "input.__class__",
        "(lambda: 1)()",
        "[i for i in input]",
        "sum(input, start=1)",
        "1.5",
        "True",
        "'a' * 9",
        "input[9]",
        "input[-1]",
        "input",
        "input + target",
        "2 ** 65",
        "2 ** 2 ** 2 ** 2",
        "2 // 1",
        "1 if 1 else 2",
        "x := 1",
        "unknown",
        "",
        "(" * 300 + ")" * 300,
        "-" * 200 + "1",
        "1" * 501,
        "1\x00",
    ],
)
def test_nothing_else_is_evaluated(text: str) -> None:
    """Names, calls and syntax that are no arithmetic are refused."""
    names = {"input": [Fraction(1)] * 3, "target": [Fraction(1)] * 2}
    with pytest.raises(FormulaError):
        evaluate(text, names)


def test_a_tower_of_powers_is_refused() -> None:
    """What would fill the memory is refused before it is computed."""
    text = "((((7 ** 64) ** 64) ** 64) ** 64) ** 64"
    with pytest.raises(FormulaError, match="million bits"):
        evaluate(text, {})


@pytest.mark.parametrize("text", ["1 / 0", "log(0)", "log(-1)", "exp(99999)"])
def test_what_has_no_value_is_refused(text: str) -> None:
    """Division by 0, logarithms and huge exponentials have an error of their own."""
    with pytest.raises(ExactError):
        evaluate(text, {})
