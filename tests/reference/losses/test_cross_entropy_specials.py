"""The written table of special values of cross-entropy, row by row."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import reference
from reference import Admit, admits

if TYPE_CHECKING:
    from reference import Enclosure

INF, NAN = math.inf, math.nan
REDUCTIONS = ("none", "mean", "sum")
CLASSES = {
    "nan": NAN,
    "inf": INF,
    "-inf": -INF,
    "zero": 0.0,
    "finite": 1.25,
}

reductions = pytest.mark.parametrize("reduction", REDUCTIONS)


def ask(input: Any, target: Any, **options: Any) -> reference.Result:
    """Return the answer; integer lists are class indices."""
    return reference.cross_entropy(np.array(input, dtype=np.float64), target, **options)


def classes(enclosure: Enclosure, index: int) -> set[str]:
    """Return the names of the classes that are required or admitted at an element."""
    item = enclosure.elements()[index]
    found = {name for name, got in CLASSES.items() if admits(int(item.also), got)}
    if item.special is None:
        return found | {"value"}
    return found | {repr(item.special)}


def rounded(enclosure: Enclosure) -> list[float]:
    """Return the required results in binary64."""
    return [float(x) for x in enclosure.round_to("binary64").ravel()]


def same(left: Enclosure, right: Enclosure) -> bool:
    """Say whether two enclosures hold the same exact values."""
    return list(left.elements()) == list(right.elements())


def with_both_kinds(classes_: int, y: int) -> list[Any]:
    """Return target `y` as a class index and as class probabilities."""
    return [[y], [[1.0 if c == y else 0.0 for c in range(classes_)]]]


def finite(answer: reference.Result) -> bool:
    """Say whether nothing special is required or admitted anywhere."""
    parts = [answer.value, *answer.gradient.values()]
    return not any(p.special.any() or p.also.any() for p in parts)


# --- logits


@reductions
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("target", with_both_kinds(3, 1))
def test_nan_logit(reduction: str, place: int, target: Any) -> None:
    """Wherever a logit is nan: loss nan and gradient row nan, nothing else admitted."""
    row = [0.5, 1.0, 2.0]
    row[place] = NAN
    result = ask([row], target, reduction=reduction, weight=[1.0, 2.0, 0.0])
    assert classes(result.value, 0) == {"nan"}
    assert [classes(result.gradient["input"], c) for c in range(3)] == [{"nan"}] * 3


@reductions
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("target", with_both_kinds(2, 0))
def test_plus_infinite_logit(reduction: str, place: int, target: Any) -> None:
    """Wherever a logit is +inf: nan or the limit, a number only if it is the target."""
    row = [0.5, 1.0]
    row[place] = INF
    result = ask([row], target, reduction=reduction)
    limits = {"inf", "zero", "finite"} if place == 0 else {"inf"}
    assert classes(result.value, 0) == {"nan"} | limits
    for c in range(2):
        assert classes(result.gradient["input"], c) == {"nan", "zero", "finite"}


@pytest.mark.parametrize("row", [[NAN, INF], [INF, NAN], [NAN, -INF]])
def test_nan_beside_an_infinity(row: list[float]) -> None:
    """Nan wins over an infinity: no limit is admitted."""
    result = ask([row], [0])
    assert classes(result.value, 0) == {"nan"}
    assert classes(result.gradient["input"], 0) == {"nan"}


@reductions
@pytest.mark.parametrize("target", with_both_kinds(2, 0))
def test_all_logits_minus_infinite(reduction: str, target: Any) -> None:
    """0/0: loss nan and gradient row nan, nothing else admitted."""
    result = ask([[-INF, -INF]], target, reduction=reduction)
    assert classes(result.value, 0) == {"nan"}
    assert [classes(result.gradient["input"], c) for c in range(2)] == [{"nan"}] * 2


@reductions
def test_minus_infinite_logit_elsewhere(reduction: str) -> None:
    """For a class index elsewhere, the class with −inf might as well not be there."""
    options = {"reduction": reduction}
    result = ask([[0.5, -INF, 2.0]], [2], **options)
    without = ask([[0.5, 2.0]], [1], **options)
    assert finite(result)
    assert same(result.value, without.value)
    got = result.gradient["input"].elements()
    assert [got[0], got[2]] == without.gradient["input"].elements()
    assert got[1].is_rational
    assert got[1].rational == 0


@reductions
@pytest.mark.parametrize("target", with_both_kinds(2, 1))
def test_minus_infinite_logit_at_the_target(reduction: str, target: Any) -> None:
    """−log 0 is inf; the gradient is finite: s (a p − e) with p = 0 and 1."""
    result = ask([[0.5, -INF]], target, reduction=reduction)
    assert classes(result.value, 0) == {"inf"}
    assert rounded(result.gradient["input"]) == [1.0, -1.0]
    assert not result.gradient["input"].also.any()


def test_minus_infinite_logit_with_signed_mass() -> None:
    """The sign of the infinity is that of its coefficient; both together are nan."""
    rows = [[0.0, -INF, -INF]] * 3
    mass = [[0.0, 1.0, 0.5], [0.0, -1.0, -2.0], [0.0, 1.0, -1.0]]
    result = ask(rows, mass, reduction="none")
    assert rounded(result.value)[:2] == [INF, -INF]
    assert classes(result.value, 2) == {"nan"}
    assert not result.value.also.any()
    assert math.isnan(rounded(ask(rows, mass).value)[0])


@reductions
def test_minus_infinite_logit_under_smoothing(reduction: str) -> None:
    """Smoothing gives every class mass, so a −inf anywhere makes the loss inf."""
    result = ask([[0.0, -INF]], [0], label_smoothing=0.1, reduction=reduction)
    assert classes(result.value, 0) == {"inf"}
    assert not result.gradient["input"].special.any()


ZERO_FACTORS = {
    "weight 0": {"target": [1], "weight": [1.0, 0.0]},
    "weight 0, probability": {"target": [[0.5, 0.5]], "weight": [1.0, 0.0]},
    "probability 0": {"target": [[1.0, 0.0]]},
    "weight 0 under smoothing": {
        "target": [0],
        "weight": [1.0, 0.0],
        "label_smoothing": 0.5,
    },
}


@pytest.mark.parametrize("reduction", ["none", "sum"])
@pytest.mark.parametrize("name", ZERO_FACTORS)
def test_minus_infinite_logit_with_factor_zero(name: str, reduction: str) -> None:
    """0 · (−log 0): the limit 0 is required, IEEE arithmetic's nan admitted."""
    result = ask([[0.5, -INF]], reduction=reduction, **ZERO_FACTORS[name])
    assert classes(result.value, 0) == {"value", "nan"}
    # Of the two classes one has p = 1, so nothing is left.
    assert rounded(result.value) == [0.0]
    assert not result.gradient["input"].special.any()
    assert not result.gradient["input"].also.any()


def test_full_smoothing_at_minus_infinity() -> None:
    """ε = 1 leaves the target the factor 1 − ε = 0: nan is admitted beside inf."""
    result = ask([[0.5, -INF]], [1], label_smoothing=1.0)
    assert classes(result.value, 0) == {"inf", "nan"}
    assert classes(ask([[0.5, -INF]], [0], label_smoothing=1.0).value, 0) == {"inf"}


# --- ignored rows and zero weights


@reductions
@pytest.mark.parametrize("bad", [[0.5, NAN], [INF, 0.0], [-INF, -INF], [NAN, INF]])
def test_ignored_row_with_special_logits(reduction: str, bad: list[float]) -> None:
    """It does not enter; torch's nan is admitted, in its gradient only."""
    result = ask([[0.5, 2.0], bad], [1, -100], reduction=reduction)
    alone = ask([[0.5, 2.0]], [1], reduction=reduction)
    assert result.value.elements()[0] == alone.value.elements()[0]
    assert not result.value.also.any()
    gradient = result.gradient["input"]
    assert list(gradient.elements())[:2] == list(alone.gradient["input"].elements())
    assert rounded(gradient)[2:] == [0.0, 0.0]
    assert [classes(gradient, i) for i in (2, 3)] == [{"value", "nan"}] * 2


@reductions
def test_ignored_row(reduction: str) -> None:
    """An ordinary ignored row, one −inf included, admits nothing but 0."""
    result = ask([[0.5, 2.0], [0.0, -INF]], [1, 7], ignore_index=7, reduction=reduction)
    assert finite(result)
    assert rounded(result.gradient["input"])[2:] == [0.0, 0.0]
    if reduction == "none":
        assert rounded(result.value)[1] == 0


@reductions
@pytest.mark.parametrize("smoothing", [0.0, 0.25])
def test_all_ignored(reduction: str, smoothing: float) -> None:
    """The mean is 0/0 = nan, the sum 0; the gradient is 0, for the mean also nan."""
    options = {"reduction": reduction, "label_smoothing": smoothing}
    result = ask([[0.5, 2.0], [1.0, 1.0]], [-100, -100], **options)
    gradient = result.gradient["input"]
    assert rounded(gradient) == [0.0] * 4
    if reduction == "mean":
        assert classes(result.value, 0) == {"nan"}
        assert classes(gradient, 0) == {"value", "nan"}
    else:
        assert set(rounded(result.value)) == {0.0}
        assert finite(result)


@pytest.mark.parametrize("target", [np.zeros(0, dtype=int), np.zeros((0, 3))])
@pytest.mark.parametrize(("reduction", "expected"), [("mean", NAN), ("sum", 0.0)])
def test_no_row(target: Any, reduction: str, expected: float) -> None:
    """Of no row the mean is nan, the sum 0, and the gradient is empty."""
    result = ask(np.zeros((0, 3)), target, reduction=reduction)
    assert rounded(result.value)[0] == pytest.approx(expected, nan_ok=True)
    assert not result.value.also.any()
    assert result.gradient["input"].round_to("binary32").shape == (0, 3)


@pytest.mark.parametrize("shape", [(2, 3, 0), (0, 3, 2), (0, 3)])
def test_no_row_in_more_dimensions(shape: tuple[int, ...]) -> None:
    """Without reduction, no row gives an empty value of the rows' shape."""
    rows = (shape[0], *shape[2:])
    result = ask(np.zeros(shape), np.zeros(rows, dtype=int), reduction="none")
    assert result.value.round_to("binary32").shape == rows
    assert result.gradient["input"].round_to("binary32").shape == shape


@reductions
def test_no_class(reduction: str) -> None:
    """Of no class the loss is the empty sum 0; torch's nan is admitted."""
    for smoothing in (0.0, 0.5):
        result = ask(
            np.zeros((2, 0)),
            np.zeros((2, 0)),
            reduction=reduction,
            label_smoothing=smoothing,
        )
        for i in range(len(rounded(result.value))):
            assert classes(result.value, i) == {"value", "nan"}
            assert rounded(result.value)[i] == 0


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_row_of_weight_zero(smoothing: float) -> None:
    """Its loss is 0 and it adds 0 to the divisor, unless smoothing gives it mass."""
    rows = [[0.5, 2.0], [3.0, 1.0]]
    options = {"weight": [1.0, 0.0], "label_smoothing": smoothing}
    none = ask(rows, [0, 1], reduction="none", **options)
    mean = ask(rows, [0, 1], **options)
    total = ask(rows, [0, 1], reduction="sum", **options)
    assert (rounded(none.value)[1] == 0) == (smoothing == 0)
    assert same(mean.value, total.value)
    assert finite(mean)


@pytest.mark.parametrize("weight", [[0.0, 0.0], [1.0, -1.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_total_weight_zero(weight: list[float], smoothing: float) -> None:
    """The mean is nan, for x/0 also ±inf; the gradient nan, also ±inf and 0."""
    result = ask(
        [[0.5, 2.0], [3.0, 1.0]], [0, 1], weight=weight, label_smoothing=smoothing
    )
    allowed = {"nan"} | ({"inf", "-inf"} if any(weight) else set())
    assert classes(result.value, 0) == allowed
    for i in range(4):
        assert classes(result.gradient["input"], i) == {"nan", "inf", "-inf", "zero"}
    sum_ = ask([[0.5, 2.0], [3.0, 1.0]], [0, 1], weight=weight, reduction="sum")
    assert not sum_.value.special.any()


# --- weights and probabilities


@reductions
@pytest.mark.parametrize(
    ("weight", "expected"),
    [(INF, {"none": "inf", "sum": "inf"}), (NAN, {"none": "nan", "sum": "nan"})],
)
def test_special_weight_of_the_target(
    reduction: str, weight: float, expected: dict[str, str]
) -> None:
    """An infinite weight makes the loss inf, its mean inf/inf = nan; nan stays nan."""
    result = ask([[0.5, 2.0]], [1], weight=[1.0, weight], reduction=reduction)
    assert repr(result.value.elements()[0].special) == expected.get(reduction, "nan")
    assert result.gradient["input"].special.all()


@pytest.mark.parametrize(
    ("target", "smoothing", "also"),
    [
        ([[0.0, 1.0]], 0.5, True),
        ([[0.25, 0.75]], 1.0, True),
        ([[0.25, 0.75]], 0.5, False),
        ([[0.25, 0.75]], 0.0, False),
    ],
)
def test_an_infinite_weight_may_meet_a_smoothed_probability_of_zero(
    target: Any, smoothing: float, *, also: bool
) -> None:
    """(1 − ε) w t + w ε/C is nan there, w ((1 − ε) t + ε/C) is not."""
    result = ask(
        [[0.5, 2.0]],
        target,
        weight=[INF, 1.0],
        label_smoothing=smoothing,
        reduction="none",
    )
    assert classes(result.value, 0) == ({"inf", "nan"} if also else {"inf"})


@reductions
@pytest.mark.parametrize("weight", [INF, NAN])
def test_special_weight_of_an_absent_class(reduction: str, weight: float) -> None:
    """Without smoothing an unused weight does not enter, but nan is admitted too."""
    options = {"reduction": reduction}
    result = ask([[0.5, 2.0]], [0], weight=[1.0, weight], **options)
    plain = ask([[0.5, 2.0]], [0], **options)
    quantities = (lambda r: r.value, lambda r: r.gradient["input"])
    for found, due in ((q(result), q(plain)) for q in quantities):
        assert [replace(e, also=Admit.NOTHING) for e in found.elements()] == list(
            due.elements()
        )
        assert all(e.also == Admit.NAN for e in found.elements())
    smooth = ask(
        [[0.5, 2.0]], [0], weight=[1.0, weight], label_smoothing=0.1, **options
    )
    assert repr(smooth.value.elements()[0].special) == repr(weight)


@reductions
@pytest.mark.parametrize("mass", [INF, -INF, NAN])
def test_special_probability(reduction: str, mass: float) -> None:
    """An infinite probability gives the infinity of its sign, nan gives nan."""
    result = ask([[0.5, 2.0]], [[1.0, mass]], reduction=reduction)
    assert repr(result.value.elements()[0].special) == repr(mass)
    assert result.value.also.item() == 0
    assert result.gradient["input"].special.all()
    clash = ask([[0.5, 2.0]], [[INF, -INF]], reduction=reduction)
    assert classes(clash.value, 0) == {"nan"}


def test_special_weight_of_probability_zero() -> None:
    """An infinite weight times probability 0 is nan."""
    result = ask([[0.5, 2.0]], [[1.0, 0.0]], weight=[1.0, INF])
    assert classes(result.value, 0) == {"nan"}


# --- cotangents


@reductions
@pytest.mark.parametrize("target", with_both_kinds(2, 0))
def test_nan_cotangent(reduction: str, target: Any) -> None:
    """Nan propagates to the gradient of rows that count, and leaves the value alone."""
    upstream = [NAN] if reduction == "none" else NAN
    result = ask([[0.5, 2.0]], target, reduction=reduction, upstream=upstream)
    assert not result.value.special.any()
    for c in range(2):
        assert classes(result.gradient["input"], c) == {"nan"}


@reductions
@pytest.mark.parametrize("sign", [1, -1])
def test_infinite_cotangent(reduction: str, sign: int) -> None:
    """nan, also ±inf and 0: the order of products decides."""
    upstream = [sign * INF] if reduction == "none" else sign * INF
    result = ask([[0.5, 2.0]], [0], reduction=reduction, upstream=upstream)
    for c in range(2):
        assert classes(result.gradient["input"], c) == {"nan", "inf", "-inf", "zero"}


@pytest.mark.parametrize("upstream", [NAN, INF, -INF])
def test_special_cotangent_of_an_ignored_row(upstream: float) -> None:
    """Its gradient is 0, and nan is admitted; the other row is unharmed."""
    result = ask(
        [[0.5, 2.0], [1.0, 0.0]], [1, -100], reduction="none", upstream=[1, upstream]
    )
    gradient = result.gradient["input"]
    assert [classes(gradient, i) for i in (2, 3)] == [{"value", "nan"}] * 2
    assert rounded(gradient)[2:] == [0.0, 0.0]
    assert not gradient.also.ravel()[:2].any()


@pytest.mark.parametrize(
    ("row", "expected"),
    [([0.5, 2.0], {"value"}), ([NAN, 2.0], {"nan"}), ([0.5, -INF], {"value"})],
)
def test_zero_cotangent(row: list[float], expected: set[str]) -> None:
    """0 times a finite gradient is 0; a nan row stays nan."""
    gradient = ask([row], [1], upstream=0.0).gradient["input"]
    assert [classes(gradient, c) for c in range(2)] == [expected] * 2
    if expected == {"value"}:
        assert rounded(gradient) == [0.0, 0.0]


# --- gradients by target and weight


def test_gradient_by_target_at_minus_infinity() -> None:
    """−s (1 − ε) w log 0 is inf; where a factor is 0 it is 0, and nan admitted."""
    result = ask([[0.5, -INF]], [[0.5, 0.5]], weight=[1.0, 2.0])
    assert classes(result.gradient["target"], 1) == {"inf"}
    for options in (
        {"weight": [1.0, 0.0]},
        {"label_smoothing": 1.0},
        {"upstream": 0.0},
    ):
        result = ask([[0.5, -INF]], [[0.5, 0.5]], **options)
        assert classes(result.gradient["target"], 1) == {"value", "nan"}
        assert rounded(result.gradient["target"])[1] == 0


def test_gradient_by_target_of_special_rows() -> None:
    """It is nan at a nan logit, and at +inf also the limit."""
    half = [[0.5, 0.5]]
    nan = ask([[NAN, 0.0]], half).gradient["target"]
    assert [classes(nan, c) for c in range(2)] == [{"nan"}] * 2
    limit = ask([[INF, 0.0]], half).gradient["target"]
    assert classes(limit, 0) == {"nan", "inf", "zero", "finite"}
    assert classes(limit, 1) == {"nan", "inf"}


def test_gradient_by_weight_of_special_rows() -> None:
    """A −inf at the target gives inf for its class; a nan row gives nan."""
    options = {"weight": [1.0, 1.0], "reduction": "sum"}
    rows = [[0.5, -INF], [0.5, 2.0]]
    got = ask(rows, [1, 0], **options).gradient["weight"]
    assert classes(got, 1) == {"inf"}
    assert classes(got, 0) == {"value"}
    nan = ask([[NAN, 0.0], [0.5, 2.0]], [1, 0], **options).gradient["weight"]
    assert classes(nan, 1) == {"nan"}
    assert classes(nan, 0) == {"value"}


def test_gradient_by_weight_ignores_ignored_rows() -> None:
    """Ignored rows, special or not, leave the gradient by weight alone."""
    options = {"weight": [1.0, 3.0]}
    plain = ask([[0.5, 2.0], [1.0, 0.0]], [1, 0], **options)
    more = ask([[0.5, 2.0], [1.0, 0.0], [NAN, INF]], [1, 0, -100], **options)
    assert same(plain.value, more.value)
    assert same(plain.gradient["weight"], more.gradient["weight"])


# --- no exceptions, whatever is combined

LOGITS = (0.0, -1.0, INF, -INF, NAN)
FACTORS = (0.0, 1.0, -INF, NAN)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("soft", [False, True])
def test_every_combination_has_an_answer(
    reduction: str, smoothing: float, *, soft: bool
) -> None:
    """Special logits, masses, weights and cotangents in any combination have an answer.

    Where the logit or the cotangent is nan, so is the required result.
    """
    for x, w, u, t in itertools.product(LOGITS, FACTORS, FACTORS, FACTORS):
        target: Any = [[t, 1.0], [0.0, 1.0]] if soft else [0, 1]
        if not soft and t != 0:
            continue
        result = ask(
            [[x, 0.5], [0.25, 0.75]],
            target,
            weight=[w, 1.0],
            reduction=reduction,
            label_smoothing=smoothing,
            upstream=[u, 1.0] if reduction == "none" else u,
        )
        for part in (result.value, *result.gradient.values()):
            assert len(rounded(part)) == math.prod(part.shape)
            low, high = part.bounds()
            assert (np.isnan(low) == np.isnan(high)).all()
            assert (np.isnan(low) | (low <= high)).all()
        if math.isnan(x):
            assert "nan" in classes(result.value, 0)
            assert not classes(result.value, 0) & {"value"}
        if math.isnan(u):
            assert "nan" in classes(result.gradient["input"], 0)


def test_admitted_classes_are_named_once() -> None:
    """The words used here cover all flags."""
    flags = [
        Admit.NAN,
        Admit.PLUS_INFINITY,
        Admit.MINUS_INFINITY,
        Admit.ZERO,
        Admit.FINITE,
    ]
    covered = [{n for n, got in CLASSES.items() if admits(f, got)} for f in flags]
    assert covered == [{"nan"}, {"inf"}, {"-inf"}, {"zero"}, {"zero", "finite"}]


@pytest.mark.parametrize(
    ("weight", "limits"),
    [
        (2.0, Admit.PLUS_INFINITY),
        (-2.0, Admit.MINUS_INFINITY),
        (NAN, Admit.NOTHING),
        (0.0, Admit.FINITE),
    ],
)
def test_limits_of_a_row_with_infinity_have_the_sign_of_the_weight(
    weight: float, limits: Admit
) -> None:
    """At a class beside +inf the limit is infinite, or finite where its weight is 0."""
    logits, weights = [[math.inf, 0.0]], [1.0, weight]
    value = reference.cross_entropy(logits, [1], weight=weights, reduction="sum").value
    assert math.isnan(value.lower.item())
    assert int(value.also) == int(limits)


@pytest.mark.parametrize(
    ("options", "finite"),
    [
        ({"target": [0]}, True),
        ({"target": [0], "label_smoothing": 0.25}, False),
        ({"target": [0], "label_smoothing": 0.25, "weight": [1.0, 1.0, 0.0]}, True),
        ({"target": [[0.5, 0.5, 0.0]]}, True),
        ({"target": [[0.5, 0.5, 0.5]]}, False),
        ({"target": [2]}, False),
    ],
)
def test_a_finite_limit_needs_the_whole_target_at_infinity(
    options: dict[str, Any], *, finite: bool
) -> None:
    """Of classes that share an infinite logit, what stands beside them has p = 0."""
    value = reference.cross_entropy([[INF, INF, 0.0]], **options).value
    assert ("finite" in classes(value, 0)) == finite
