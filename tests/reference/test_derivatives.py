"""Gradients are derivatives: mechanical, symbolic and numerical differentiation.

The three start from the loss alone, as its documentation defines it, options, weights
and reduction included. None knows a formula for a gradient.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
import random_problems
from plain_arb import Arb
from plain_fields import ArbField, MpmathField, arb_field, end_of
from plain_losses import Classes, Dual, losses, plain_cross_entropy, variables_of
from plain_terms import INF, Sheet, answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from random_problems import RandomProblem

SEED, NIGHTLY_SEED = 21, 31
BITS = 600
NIGHTLY = [range(i, i + 2500) for i in range(0, 20_000, 2500)]

Key = tuple[str, int] | tuple[str, int, int]


def classes_of(sheet: Sheet) -> Classes:
    """Return a sheet in the form that mechanical differentiation takes."""
    return Classes(
        sheet.rows,  # type: ignore[arg-type]  # `tame` refused −inf
        sheet.target,
        sheet.weight if sheet.weighted else None,
        sheet.ignored,
        sheet.reduction,
        sheet.smoothing,
        sheet.upstream,
    )


def tame(sheet: Sheet, *, largest: int, numbers: int) -> bool:
    """Say whether a sheet has an ordinary answer: finite, of few moderate numbers."""
    flat = [x for row in sheet.rows for x in row]
    return (
        0 < len(flat) <= numbers
        and -INF not in flat
        and max(map(abs, flat)) <= largest
        and sheet.divisor != 0
    )


def sheets(
    seed: int, block: range, **limits: int
) -> Iterator[tuple[RandomProblem, Sheet]]:
    """Yield the problems of a block that have an ordinary answer."""
    for problem in random_problems.draw_all(seed, block):
        if problem.loss == "cross_entropy":
            sheet = Sheet.of(problem.arguments)
            if tame(sheet, **limits):
                yield problem, sheet


def key_of(sheet: Sheet, name: str, i: int) -> Key:
    """Return the variable that stands at flat index `i` of an argument."""
    if name == "weight":
        return "weight", i
    places = ((n, row.index(i)) for n, row in enumerate(sheet.places) if i in row)
    return (name, *next(places))


# --- mechanical


def compare_with_duals(seed: int, block: range, field: ArbField) -> int:
    """Assert that the second sources' terms are derivatives; return their number."""
    seen = 0
    for problem, sheet in sheets(seed, block, largest=6000, numbers=40):
        arb = Arb(field.flint, sheet.rows)
        value, partials = plain_cross_entropy(classes_of(sheet), field)
        for name, i, terms in answers(sheet):
            zero = field.of(Fraction(0))
            dual = (
                value[i]
                if name == "value"
                else partials.get(key_of(sheet, name, i), zero)
            )
            ball = arb.whole(terms, BITS)
            assert ball.overlaps(dual), (name, i, ball, dual, problem.line())
            seen += 1
    return seen


@pytest.fixture(scope="module")
def field() -> Iterator[ArbField]:
    """Return balls of Arb."""
    yield from arb_field(BITS)


def test_terms_are_mechanical_derivatives(field: ArbField) -> None:
    """What Arb and MPFR evaluate is the loss and its derivatives by dual numbers."""
    assert compare_with_duals(SEED, range(300), field) > 2000


@pytest.mark.slow
@pytest.mark.parametrize("block", NIGHTLY, ids=str)
def test_terms_are_mechanical_derivatives_often(block: range, field: ArbField) -> None:
    """They are in twenty thousand problems too."""
    assert compare_with_duals(NIGHTLY_SEED, block, field) > 2500


# --- symbolic


class SympyField:
    """Expressions of sympy."""

    def __init__(self, sympy: Any) -> None:
        """Build expressions with sympy's exp and log."""
        self.sympy = sympy
        self.exp, self.log = sympy.exp, sympy.log

    def of(self, value: Fraction) -> Any:
        """Return a rational exactly."""
        return self.sympy.Rational(value.numerator, value.denominator)


def compare_with_symbols(problem: RandomProblem, sheet: Sheet, sympy: Any) -> int:
    """Assert that the derivatives of the loss as an expression are the gradients."""
    numbers, case = SympyField(sympy), classes_of(sheet)
    point: dict[Any, Any] = {}
    variables: dict[Key, Dual] = {}
    for key, dual in variables_of(case, numbers).items():
        symbol = sympy.Symbol("_".join(map(str, key)), real=True)
        point[symbol], variables[key] = dual.value, Dual(symbol)
    values = [dual.value for dual in losses(case, numbers, variables)]
    upstream = map(numbers.of, sheet.upstream)
    whole = sum(u * v for u, v in zip(upstream, values, strict=True))
    result, seen = problem.ask(), 0
    for name, i, _ in answers(sheet):
        if name == "value":
            enclosure, expression = result.value, values[i]
        else:
            symbol = variables[key_of(sheet, name, i)].value
            enclosure, expression = result.gradient[name], sympy.diff(whole, symbol)
        exact = sympy.S(expression).subs(point).evalf(60, maxn=2000)
        assert_near(enclosure, i, Fraction(str(exact)), problem, name)
        seen += 1
    return seen


def assert_near(
    enclosure: Any, i: int, number: Fraction, problem: RandomProblem, name: str
) -> None:
    """Assert that an enclosure holds a number of which 50 digits are right."""
    slack = abs(number) / 10**50
    low = end_of(enclosure.lower.ravel()[i], -1)
    high = end_of(enclosure.upper.ravel()[i], 1)
    holds = low <= number + slack and number - slack <= high
    assert holds, (name, i, (low, high), number, problem.line())


def compare_symbolically(seed: int, block: range) -> int:
    """Assert agreement on the small problems of a block; return their numbers."""
    sympy = pytest.importorskip("sympy")
    small = sheets(seed, block, largest=60, numbers=6)
    return sum(compare_with_symbols(*pair, sympy) for pair in small)


def test_gradients_are_symbolic_derivatives() -> None:
    """Sympy differentiates the loss, and its 60 digits lie in the enclosures."""
    assert compare_symbolically(SEED, range(60)) > 30


@pytest.mark.slow
@pytest.mark.parametrize("block", [range(i, i + 500) for i in range(0, 2000, 500)])
def test_gradients_are_symbolic_derivatives_often(block: range) -> None:
    """They are in some hundred problems each night."""
    assert compare_symbolically(NIGHTLY_SEED, block) > 300


# --- numerical


def ordinary(sheet: Sheet) -> bool:
    """Say whether factors are moderate: then so are the loss's derivatives.

    mpmath.diff takes the central difference with h = 2**−410 at 840 bits: it is off by
    h² |f‴| and 2**−430 |f|, and by 2**−400 |f″| for arguments rounded to 400 bits. Rows
    are at most 12 numbers below 60 in size, factors at most 2**20, divisors at least
    2**−20: |f|, |f″| and |f‴| are below 2**200, and all errors below 10**−25.
    """
    factors = [*sheet.weight, *sheet.upstream]
    if not sheet.indices:
        factors += [t for row in sheet.target for t in row]
    return max(map(abs, factors)) <= 2**20 and abs(sheet.divisor) * 2**20 >= 1


def compare_numerically(seed: int, block: range) -> int:
    """Assert that mpmath's difference quotients give 25 digits of the gradients."""
    field, seen = MpmathField(400), 0
    for problem, sheet in sheets(seed, block, largest=60, numbers=12):
        if not ordinary(sheet):
            continue
        result, case = problem.ask(), classes_of(sheet)
        at = variables_of(case, field)
        for name, i, _ in answers(sheet):
            if name == "value" or (i + problem.index) % 3:
                continue
            key = key_of(sheet, name, i)
            quotient = field.fraction(_quotient(case, key, at, field))
            slack = Fraction(1, 10**25)
            low = end_of(result.gradient[name].lower.ravel()[i], -1)
            high = end_of(result.gradient[name].upper.ravel()[i], 1)
            holds = low <= quotient + slack and quotient - slack <= high
            assert holds, (name, i, low, high, quotient, problem.line())
            seen += 1
    return seen


def _quotient(case: Classes, key: Key, at: dict[Any, Dual], field: MpmathField) -> Any:
    def scalar(x: Any) -> Any:
        value = losses(case, field, {**at, key: Dual(x)})
        pairs = zip(case.upstream or (), value, strict=True)
        return sum((field.of(u) * v.value for u, v in pairs), field.of(Fraction(0)))

    return field.context.diff(scalar, at[key].value)


def test_gradients_are_difference_quotients() -> None:
    """mpmath.diff at 400 bits confirms 25 digits of gradients of every kind."""
    assert compare_numerically(SEED, range(250)) > 100


@pytest.mark.slow
@pytest.mark.parametrize("block", NIGHTLY[:2], ids=str)
def test_gradients_are_difference_quotients_often(block: range) -> None:
    """It does in thousands of problems each night."""
    assert compare_numerically(NIGHTLY_SEED, block) > 1000
