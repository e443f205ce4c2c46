"""Derivatives along a direction are those of the loss, from sources of their own.

Arb differentiates the documented loss twice by machine: dual numbers whose parts are
power series in t at x + t v. The coefficient of t in the loss is J v, and that in the
gradient is H v. No formula for either is used.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import random_problems
from plain_arb import both
from plain_fields import ArbField, arb_field
from plain_losses import Classes, Dual, losses, variables_of
from plain_terms import INF, Sheet

import reference
from reference import Admit, ProblemError
from reference.element import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from random_problems import RandomProblem

BITS = 900
NOT_FINITE = Admit.NAN | Admit.PLUS_INFINITY | Admit.MINUS_INFINITY
ANY = NOT_FINITE | Admit.ZERO | Admit.FINITE
HALF = Fraction(1, 2)


class SeriesField:
    """Power series in t over balls of Arb, up to t."""

    def __init__(self, flint: Any) -> None:
        """Compute at the precision of flint's context."""
        self.flint, self.balls = flint, ArbField(flint)

    def of(self, value: Fraction, slope: Fraction = Fraction(0)) -> Any:
        """Return value + slope · t."""
        parts = [self.balls.of(value), self.balls.of(slope)]
        return self.flint.arb_series(parts, prec=2)

    def exp(self, value: Any) -> Any:
        """Return e**value."""
        return value.exp()

    def log(self, value: Any) -> Any:
        """Return the natural logarithm."""
        return value.log()


@pytest.fixture(scope="module")
def field() -> Iterator[SeriesField]:
    """Return power series."""
    for balls in arb_field(BITS):
        yield SeriesField(balls.flint)


def by_series(
    sheet: Sheet, v: list[Fraction], field: SeriesField
) -> tuple[dict[int, Any], list[Any]]:
    """Return H v by flat index and J v, as balls."""
    case = Classes(
        sheet.rows,  # type: ignore[arg-type]  # `ordinary` refused −inf
        sheet.target,
        sheet.weight,
        sheet.ignored,
        sheet.reduction,
        sheet.smoothing,
        sheet.upstream,
    )
    at = variables_of(case, field)
    places = {
        ("input", n, c): i
        for n, row in enumerate(sheet.places)
        for c, i in enumerate(row)
    }
    for (name, n, c), i in places.items():
        key = (name, n, c)
        at[key] = Dual(field.of(Fraction(sheet.rows[n][c]), v[i]), at[key].partials)
    values = losses(case, field, at)
    whole = Dual(field.of(Fraction(0)))
    for u, value in zip(sheet.upstream, values, strict=True):
        whole = whole + Dual(field.of(u)) * value
    zero = field.of(Fraction(0))
    bent = {i: whole.partials.get(key, zero)[1] for key, i in places.items()}
    return bent, [value.value[1] for value in values]


def ordinary(sheet: Sheet) -> bool:
    """Say whether Arb's balls are finite and narrow for a sheet."""
    flat = [x for row in sheet.rows for x in row]
    return (
        0 < len(flat) <= 40
        and -INF not in flat
        and max(map(abs, flat)) <= 100
        and sheet.divisor != 0
    )


def direction(seed: int, size: int) -> list[Fraction]:
    """Return small integers, fractions, or one number throughout."""
    source = random.Random(seed)  # noqa: S311 - not a secret
    kind = source.randrange(3)
    if kind == 0:
        return [Fraction(source.randrange(-3, 4)) for _ in range(size)]
    if kind == 1:
        return [Fraction(source.randrange(-99, 99), 64) for _ in range(size)]
    return [Fraction(source.choice((-2, 1)))] * size


def problems(seed: int, block: range) -> Iterator[tuple[RandomProblem, Sheet]]:
    """Yield the problems of a block that Arb can answer."""
    for problem in random_problems.draw_all(seed, block):
        if problem.loss == "cross_entropy":
            sheet = Sheet.of(problem.arguments)
            if ordinary(sheet):
                yield problem, sheet


def shaped(v: list[Fraction], problem: RandomProblem) -> Any:
    """Return a direction in the shape of a problem's input."""
    made = np.empty(len(v), dtype=object)
    made[:] = v
    return made.reshape(np.shape(problem.arguments["input"])).tolist()


def assert_encloses(exact: reference.Enclosure, i: int, ball: Any, line: str) -> int:
    """Assert that both know the same number, and round it alike where Arb decides."""
    item = exact.elements(200)[i]
    assert item.special is None, line
    low, high = item.ends(-3000)
    field_low, field_high = (end_of_ball(e) for e in (ball.lower(), ball.upper()))
    assert low <= field_high, line
    assert field_low <= high, line
    assert high - low <= max(abs(high), Fraction(1, 2**500)) / 2**60, line
    pair = both(ball)["binary64"]
    if pair[0] != pair[1]:
        return 0
    assert exact.round_to("binary64").ravel()[i] == pair[0], line
    return 1


def end_of_ball(point: Any) -> Fraction:
    """Return an end of a ball exactly."""
    man, power = map(int, point.man_exp())
    return Fraction(man) * Fraction(2) ** power


def compare_with_series(seed: int, block: range, field: SeriesField) -> int:
    """Assert agreement on a block; return how many roundings were compared."""
    seen = 0
    for problem, sheet in problems(seed, block):
        v = direction(problem.index, sum(map(len, sheet.rows)))
        arguments = {**problem.arguments, "tangent": shaped(v, problem)}
        found = reference.cross_entropy(**arguments).derivatives
        bent, forward = by_series(sheet, v, field)
        for i, ball in bent.items():
            seen += assert_encloses(found["hvp"], i, ball, problem.line())
        for i, ball in enumerate(forward):
            seen += assert_encloses(found["jvp"], i, ball, problem.line())
    return seen


def test_both_are_mechanical_derivatives(field: SeriesField) -> None:
    """Enclosures hold what Arb makes of the loss at x + t v, and round the same."""
    assert compare_with_series(3, range(250), field) > 500


@pytest.mark.slow
@pytest.mark.parametrize("block", [range(i, i + 1000) for i in range(0, 8000, 1000)])
def test_both_are_mechanical_derivatives_often(
    block: range, field: SeriesField
) -> None:
    """They do in some thousand problems each night."""
    assert compare_with_series(4, block, field) > 2000


# --- identities


def test_the_hessian_is_symmetric() -> None:
    """⟨w, H v⟩ = ⟨v, H w⟩, to the last bit of 200."""
    source = np.random.default_rng(5)
    for _ in range(20):
        x, v, w = source.normal(size=(3, 2, 4)) * 3
        target, up = source.integers(0, 4, 2), source.normal(size=2)

        def ends(
            a: Any, b: Any, x: Any = x, target: Any = target, up: Any = up
        ) -> tuple[Fraction, Fraction]:
            bent = reference.cross_entropy(
                x, target, reduction="none", upstream=up, tangent=a
            ).derivatives["hvp"]
            low = high = Fraction(0)
            for item, factor in zip(bent.elements(200), b.ravel(), strict=True):
                pair = sorted(e * Fraction(factor) for e in item.ends(-3000))
                low, high = low + pair[0], high + pair[1]
            return low, high

        (a, b), (c, d) = ends(v, w), ends(w, v)
        assert a <= d
        assert c <= b
        assert b - a < Fraction(1, 2**180)


@pytest.mark.parametrize("logits", [[[3, 0, -2]], [[0, 0, 1]], [[7, -math.inf, 2]]])
def test_a_constant_direction_leads_nowhere(logits: list[list[float]]) -> None:
    """H · 1 = 0, exactly: softmax does not see a shift of all logits."""
    found = reference.cross_entropy(logits, [0], tangent=[[5, 5, 5]]).derivatives
    assert found["hvp"].lower.tolist() == [[0, 0, 0]]
    assert found["hvp"].upper.tolist() == [[0, 0, 0]]
    assert found["jvp"].lower.item() == found["jvp"].upper.item() == 0


def test_forward_mode_agrees_with_the_gradient() -> None:
    """J v = ⟨gradient, v⟩ where the cotangent is 1."""
    x, v = [[0.5, -1.25, 2.0], [3.0, 0.0, 1.0]], [[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]
    result = reference.cross_entropy(x, [2, 0], weight=[1, 2, 3], tangent=v)
    parts = result.gradient["input"].elements(200)
    factors = [Fraction(f) for row in v for f in row]
    lows = [p.ends(-3000)[0] * f for p, f in zip(parts, factors, strict=True)]
    low, _ = result.derivatives["jvp"].elements(200)[0].ends(-3000)
    assert abs(low - sum(lows)) < Fraction(1, 2**180)


# --- what is rational


RATIONAL = [
    ("equal logits", [[4, 4]], [[1, -1]], [HALF, -HALF], -1),
    ("one finite logit", [[2, -math.inf]], [[5, 1]], [0, 0], 0),
    ("opposite at one gap", [[1, 0, 0]], [[0, 1, -1]], [0, None, None], 0),
    ("a mask", [[0, 0, -math.inf]], [[1, -1, 9]], [HALF, -HALF, 0], -1),
]


@pytest.mark.parametrize(
    ("logits", "v", "bent", "forward"),
    [r[1:] for r in RATIONAL],
    ids=[r[0] for r in RATIONAL],
)
def test_rational_results_are_found(
    logits: Any, v: Any, bent: list[Any], forward: Any
) -> None:
    """What cancels by construction is exact, without any remainder."""
    found = reference.cross_entropy(logits, [0], tangent=v).derivatives
    for item, wanted in zip(found["hvp"].elements(), bent, strict=True):
        assert item.is_rational == (wanted is not None)
        assert wanted is None or item.rational == wanted
    assert found["jvp"].elements()[0] == Element(Fraction(forward))


def test_a_far_logit_decides_a_midpoint() -> None:
    """1 + 2**−24 is a midpoint of binary32; e**−100000 beside it says which way."""
    v = 4 * (1 + Fraction(1, 2**24))
    # p (v/2 − v̄) with δ = e**−100000 is v/4 − δ (v/8 + far/4), to first order in δ.
    for far, sign, rounded in ((-8, 1, 1 + 2.0**-23), (8, -1, 1.0)):
        bent = reference.cross_entropy(
            [[0, 0, -100_000]], [0], reduction="sum", tangent=[[v / 2, -v / 2, far]]
        ).derivatives["hvp"]
        assert bent.elements()[0].rational == v / 4
        assert bent.elements()[0].remainder.sign == sign
        assert bent.round_to("binary32")[0, 0] == rounded


# --- special values


def special(**arguments: Any) -> dict[str, list[Element]]:
    """Return the elements of both quantities."""
    found = reference.cross_entropy(**arguments).derivatives
    return {name: list(exact.elements()) for name, exact in found.items()}


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("where", ["input", "tangent"])
def test_where_nothing_is_due_anything_is_admitted(where: str, bad: float) -> None:
    """A row or direction that is not finite is nobody's fault; others are judged."""
    arguments = {"input": [[1.0, 2.0], [3.0, 3.0]], "tangent": [[1.0, 0.0], [2.0, 0.0]]}
    arguments[where] = [[bad, 2.0], arguments[where][1]]
    found = special(**arguments, target=[0, 1], reduction="none")
    assert [item.also for item in found["hvp"]] == [ANY, ANY, 0, 0]
    assert [item.also for item in found["jvp"]] == [ANY, 0]
    assert found["hvp"][2] == Element(HALF)
    assert special(**arguments, target=[0, 1])["jvp"][0].also == ANY


def test_an_ignored_row_does_not_enter() -> None:
    """It is 0; nan is admitted where a mask could multiply 0 by nan."""
    logits = [[math.nan, 0.0], [1.0, 1.0], [0.0, 5.0]]
    found = special(
        input=logits, target=[-100, 0, -100], tangent=[[1, 2], [1, -1], [3, 4]]
    )
    zero = Element(also=Admit.NAN)
    assert found["hvp"][:2] == [zero, zero]
    assert found["hvp"][4:] == [Element(), Element()]
    assert found["jvp"] == [Element(Fraction(-1), also=Admit.NAN)]


def test_without_rows_the_mean_has_no_derivative() -> None:
    """All ignored: H v is 0, or nan; J v is 0/0."""
    found = special(input=[[1, 2]], target=[-100], tangent=[[1, 0]])
    assert found["hvp"] == [Element(also=Admit.NAN)] * 2
    assert found["jvp"][0].also == ANY
    found = special(input=[[1, 2]], target=[-100], tangent=[[1, 0]], reduction="sum")
    assert found["jvp"] == [Element()]


def test_an_infinite_loss_has_the_formula_or_nothing() -> None:
    """Where the target is masked, the formula with p = 0, a nan or an infinity."""
    found = special(input=[[0.0, 0.0, -math.inf]], target=[2], tangent=[[1, -1, 3]])
    assert [item.rational for item in found["hvp"]] == [HALF, -HALF, 0]
    assert found["jvp"][0].rational == -3
    assert {i.also for items in found.values() for i in items} == {NOT_FINITE}


# --- regression


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(
    "shapes", [((3,), (3,)), ((3, 1), (1, 4)), ((4,), (2, 4)), ((2, 3), (3,))]
)
def test_quadratic_and_linear_losses_are_their_own_expansion(
    reduction: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    """The gradient moves by H v and the loss by J v, exactly, as no sign changes."""
    source = np.random.default_rng(7)
    x, y = (source.integers(-9, 9, s) + 0.25 * i for i, s in enumerate(shapes))
    v = source.integers(-3, 4, shapes[0]) / 64
    full = np.broadcast_shapes(*shapes)
    up = source.integers(-4, 5, full if reduction == "none" else ()) / 4
    more = {"reduction": reduction, "upstream": np.asarray(up)}
    x, y = x.astype(float), y.astype(float)
    for loss in (reference.mse, reference.mae):
        found = loss(x, y, **more, tangent=v)
        before, after = (
            found.gradient["input"],
            loss(x + v, y, **more).gradient["input"],
        )
        moved = (after.lower - before.lower).tolist()
        assert found.derivatives["hvp"].lower.tolist() == moved
        ahead, behind = (loss(x + s * v, y, **more).value.lower for s in (1, -1))
        # The central difference of a quadratic has no error.
        half = (ahead - behind) / 2
        assert np.all(found.derivatives["jvp"].lower == half)
        assert found.derivatives["jvp"].shape == found.value.shape


def test_regression_beside_special_numbers() -> None:
    """Where d or v is not finite anything goes, in that element alone."""
    for loss in (reference.mae, reference.mse):
        found = loss(
            [math.inf, 1, 2], [0, 1, 0], tangent=[1, 2, math.nan], reduction="none"
        )
        for name in ("hvp", "jvp"):
            exact = found.derivatives[name]
            assert [i.also for i in exact.elements()] == [ANY, 0, ANY], name
    empty = reference.mse([], [], tangent=[])
    assert empty.derivatives["jvp"].elements()[0].also == ANY
    assert empty.derivatives["hvp"].shape == (0,)


def test_a_tangent_of_another_shape_is_refused() -> None:
    """A direction has the shape of the input, and the message says so."""
    match = r"tangent must have the shape of input, \(1, 2\), got shape \(2,\)"
    with pytest.raises(ProblemError, match=match):
        reference.cross_entropy([[1, 2]], [0], tangent=[1, 2])
    with pytest.raises(ProblemError, match="tangent must"):
        reference.mae([1, 2], [0], tangent=[1])


def test_without_a_tangent_there_are_no_derivatives() -> None:
    """Nothing is returned that was not asked for."""
    assert reference.mae([1], [0]).derivatives == {}
    assert reference.cross_entropy([[1, 2]], [0]).derivatives == {}
