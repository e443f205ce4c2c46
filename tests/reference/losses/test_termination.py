"""When exact values are rational, and what happens where no precision decides."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import random_problems
from hypothesis import given
from hypothesis import strategies as st
from plain_fields import MpmathField, end_of
from plain_formats import LINES, Line
from plain_terms import Sheet, answers

import reference
from reference import Undecided
from reference.precision import LAST_PRECISION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plain_terms import Terms

    from reference import Enclosure, Result

lines = pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
ROWS = [[0.0, 0.5, 2.0], [1.0, 7.0, -3.0]]
EQUAL = [[0.3, 0.3, 0.3], [-7.0, -7.0, -7.0]]
ALONE = [[-np.inf, 0.3, -np.inf], [-np.inf, -7.0, -np.inf]]


def rational(enclosure: Enclosure) -> list[Fraction] | None:
    """Return the exact values if all are recognised as rational, else None."""
    items = list(enclosure.elements())
    if not all(item.is_rational for item in items):
        return None
    return [item.rational for item in items]


def ask(rows: Any, target: Any, **options: Any) -> Result:
    """Return the answer; the reduction is sum unless another is named."""
    options = {"reduction": "sum", **options}
    return reference.cross_entropy(np.array(rows), np.array(target), **options)


# --- what is rational


def test_one_finite_logit() -> None:
    """Log 1 = 0: the loss is 0, and so is a − e."""
    result = ask(ALONE, [1, 1])
    assert rational(result.value) == [0]
    assert rational(result.gradient["input"]) == [0] * 6


def test_one_finite_logit_of_two_with_smoothing() -> None:
    """With a weight of 0 on the other class the gradient is s (a − e) = 0."""
    result = ask(ALONE, [1, 1], label_smoothing=0.5, weight=[0.0, 3.0, 0.0])
    assert rational(result.value) == [0]
    assert rational(result.gradient["input"]) == [0] * 6


def test_equal_logits() -> None:
    """The softmax is 1/C, but the loss is 2 log 3, which is irrational."""
    result = ask(EQUAL, [1, 2])
    third = Fraction(1, 3)
    expected = [third, third - 1, third, third, third, third - 1]
    assert rational(result.gradient["input"]) == expected
    assert rational(result.value) is None


def test_weights_of_zero() -> None:
    """A row whose factors are 0 has loss 0 and gradient 0."""
    result = ask(ROWS, [1, 1], weight=[1.0, 0.0, 2.0])
    assert rational(result.value) == [0]
    assert rational(result.gradient["input"]) == [0] * 6


def test_probabilities_of_zero() -> None:
    """So has a row without mass."""
    result = ask(ROWS, np.zeros((2, 3)))
    assert rational(result.value) == [0]
    assert rational(result.gradient["input"]) == [0] * 6


def test_ignored_rows() -> None:
    """So has a row that is ignored, and it alone."""
    result = ask(ROWS, [-100, 1], reduction="none")
    kinds = [item.is_rational for item in result.value.elements()]
    assert kinds == [True, False]
    kinds = [item.is_rational for item in result.gradient["input"].elements()]
    assert kinds == [True] * 3 + [False] * 3


def test_cotangents_of_zero() -> None:
    """So has the gradient of a row whose cotangent is 0, though not its loss."""
    result = ask(ROWS, [0, 1], upstream=0.0)
    assert rational(result.value) is None
    assert rational(result.gradient["input"]) == [0] * 6


def test_factors_that_add_up_to_zero() -> None:
    """a_n = 0 leaves −s e_j; the logarithm of the loss goes, and its gaps stay."""
    result = ask(ROWS, [[0.5, -1.5, 1.0]] * 2, upstream=2.0)
    factors = [Fraction(1, 2), Fraction(-3, 2), Fraction(1)]
    assert rational(result.gradient["input"]) == [-2 * e for e in factors] * 2
    gaps = [[2, Fraction(3, 2), 0], [6, 0, 10]]
    expected = sum(e * gap for row in gaps for e, gap in zip(factors, row, strict=True))
    assert rational(result.value) == [expected]


def test_all_mass_smoothed_away() -> None:
    """With ε = 1 the gradient by class probabilities is 0."""
    target = [[0.2, 0.3, 0.5]] * 2
    result = ask(ROWS, target, label_smoothing=1.0)
    assert rational(result.gradient["target"]) == [0] * 6


def test_weight_of_the_only_class() -> None:
    """A mean over one class does not depend on its weight, whatever the logits."""
    result = ask(
        [*ROWS, [4.0, 0.0, 0.1]], [1] * 3, weight=[5, 0.3, -1], reduction="mean"
    )
    assert rational(result.gradient["weight"]) == [0, 0, 0]


def test_opposite_factors_on_one_spread() -> None:
    """Rows alike up to order and offset cancel, and their gaps stay."""
    result = ask([[0.0, 1.5, 3.0], [5.0, 3.5, 2.0]], [0, 1], weight=[1.0, -1.0, 1.0])
    assert rational(result.value) == [3 - Fraction(3, 2)]


def test_infinitely_far_logits_have_rational_gradients() -> None:
    """At −inf the gradient is −s e_j, which is exact."""
    rows = [[0.0, -np.inf, 1.0]]
    items = ask(rows, [1], upstream=3.0).gradient["input"].elements()
    assert [item.is_rational for item in items] == [False, True, False]
    assert items[1].rational == -3


# --- what is not


def expected_rational(terms: Terms, sheet: Sheet) -> bool:
    """Say by the theorem whether a number without cancelling logarithms is rational."""
    alone = {n for n, row in enumerate(sheet.rows) if len(finite(row)) == 1}  # log 1
    flat = {n for n, row in enumerate(sheet.rows) if len(set(finite(row))) == 1}
    logs = all(n in alone for (n, _), k in terms.surprises.items() if k)
    softmaxes = all(n in flat for (n, _), k in terms.softmaxes.items() if k)
    return logs and softmaxes


def finite(row: Sequence[Fraction | float]) -> list[Fraction]:
    """Return the logits that are not −inf."""
    return [x for x in row if isinstance(x, Fraction)]


def one_sign(terms: Terms) -> bool:
    """Say whether all factors of logarithms have one sign."""
    signs = {k > 0 for k in terms.surprises.values() if k}
    return len(signs) <= 1


def check_theorem(block: range) -> int:
    """Assert what the theorem says of a block's problems; return how often it spoke."""
    seen = 0
    for problem in random_problems.draw_all(22, block):
        if problem.loss != "cross_entropy":
            continue
        sheet, result = Sheet.of(problem.arguments), problem.ask()
        for name, i, terms in answers(sheet):
            if terms.special or not one_sign(terms):
                continue
            enclosure = result.value if name == "value" else result.gradient[name]
            item = enclosure.elements()[i]
            expected = expected_rational(terms, sheet)
            assert item.is_rational == expected, (name, i, problem.line())
            # A remainder has a strict sign at the first precision: R = M is decided.
            sign = item.remainder.sign
            assert sign == 0 if expected else sign in (-1, 1), problem.line()
            seen += 1
    return seen


def test_rational_results_are_those_listed() -> None:
    """With factors of one sign a result is rational exactly where the list says so."""
    assert check_theorem(range(400)) > 4000


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 20_000, 5000))
def test_rational_results_are_those_listed_often(start: int) -> None:
    """It is in twenty thousand problems."""
    assert check_theorem(range(start, start + 5000)) > 50_000


@given(
    counts=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), max_size=3),
    largest=st.integers(1, 3),
    powers=st.lists(st.integers(1, 3), min_size=1, max_size=2),
)
def test_products_of_sums_are_no_single_exponential(
    counts: list[tuple[int, int]], largest: int, powers: list[int]
) -> None:
    """Multiplied out, Π S^m has positive coefficients of a total above 1.

    So it is not e^q with coefficient 1, for any rational q: the step of the proof that
    is arithmetic.
    """
    gaps = {Fraction(gap): n for gap, n in counts}
    one = {Fraction(0): largest, **{-gap: n for gap, n in gaps.items()}}
    product = {Fraction(0): 1}
    for _ in range(sum(powers)):
        bigger: dict[Fraction, int] = {}
        for (g, n), (h, m) in itertools.product(product.items(), one.items()):
            bigger[g + h] = bigger.get(g + h, 0) + n * m
        product = bigger
    assert min(product.values()) >= 1
    total = (largest + sum(gaps.values())) ** sum(powers)
    assert sum(product.values()) == total
    if gaps or largest > 1:
        assert total >= 2
    else:
        assert product == {Fraction(0): 1}


# --- what no precision decides


def factoring(a: Fraction, b: Fraction, c: Fraction, d: Fraction) -> Result:
    """Return four rows whose logarithms cancel as products: the sum is a + b."""
    plus = [[0, a, b, a + b], [0, c, d, c + d]]
    minus = [[0, a, c, a + c], [0, b, d, b + d]]
    return reference.cross_entropy(
        plus + minus, np.array([0, 0, 1, 1]), weight=[1, -1, 1, 1], reduction="sum"
    )


def test_seven_quarters() -> None:
    """The example of the docstring is 1.75, enclosed, rounded right, unrecognised."""
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    value = factoring(half, 5 * quarter, -3 * quarter, Fraction(2)).value
    (item,) = value.elements()
    assert not item.is_rational
    assert item.remainder.sign is None
    assert value.lower.item() < Fraction(7, 4) < value.upper.item()
    for line in LINES:
        assert float(value.round_to(line.name)) == 1.75


@lines
def test_factoring_rows_are_undecided_only_at_midpoints(line: Line) -> None:
    """For random rationals the sum is a + b; it is undecided where that is a tie."""
    rng = random.Random(line.name)  # noqa: S311 - a sample, not a secret
    undecided = 0
    for k in range(12):
        a, c, d = (Fraction(rng.randint(-40, 40), 8) + Fraction(1, 3) for _ in "acd")
        ordinal = rng.randrange(line.infinity // 2, line.infinity * 5 // 9)
        low, high = line.value(ordinal), line.value(ordinal + 1)
        total = low + (high - low) * Fraction(k % 4, 4)
        value = factoring(a, total - a, c, d).value
        assert value.lower.item() <= total <= value.upper.item()
        if k % 4 == 2:
            with pytest.raises(Undecided) as caught:
                value.round_to(line.name)
            assert caught.value.candidates == (float(low), float(high))
            undecided += 1
        else:
            assert float(value.round_to(line.name)) == line.nearest(total)
    assert undecided == 3


def near_midpoint(line: Line, bits: int) -> tuple[Fraction, Fraction]:
    """Return a midpoint above 1, and κ > 0 with κ log 2 nearer to it than 2**−bits."""
    middle = (line.value(one(line)) + line.value(one(line) + 1)) / 2
    field = MpmathField(bits + 100)
    log_two = field.fraction(field.log(field.of(Fraction(2))))
    quotient = middle / log_two
    scale = 1 << bits + 20
    return middle, Fraction(round(quotient * scale), scale)


def one(line: Line) -> int:
    """Return the ordinal of 1."""
    return ((1 << line.width - 2 - line.stored) - 1) << line.stored


@lines
@pytest.mark.parametrize("bits", [500, 2000, 3900])
def test_positive_factors_need_the_precision_they_carry(line: Line, bits: int) -> None:
    """κ log 2 within 2**−bits of a midpoint is decided below the last precision."""
    middle, kappa = near_midpoint(line, bits)
    value = reference.cross_entropy(
        [[1.0, 1.0]], np.array([0]), weight=[kappa, 1], reduction="sum"
    ).value
    field = MpmathField(2 * bits)
    exact = field.fraction(field.of(kappa) * field.log(field.of(Fraction(2))))
    assert 0 < abs(exact - middle) < Fraction(1, 2**bits)
    assert float(value.round_to(line.name)) == line.nearest(exact)


@lines
def test_positive_factors_beyond_the_last_precision(line: Line) -> None:
    """κ log 2 within 2**−5000 of a midpoint is left, and said to be, undecided."""
    middle, kappa = near_midpoint(line, LAST_PRECISION + 1000)
    value = reference.cross_entropy(
        [[1.0, 1.0]], np.array([0]), weight=[kappa, 1], reduction="sum"
    ).value
    with pytest.raises(Undecided, match="use lower and upper instead") as caught:
        value.round_to(line.name)
    neighbours = line.number(one(line)), line.number(one(line) + 1)
    assert caught.value.candidates == neighbours
    low, high = end_of(value.lower.item(), -1), end_of(value.upper.item(), 1)
    assert low <= middle <= high
