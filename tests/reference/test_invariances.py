"""What must not matter, or must matter in a known way."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from plain_cases import Question, anything, positive, questions, rationals, tame

from reference.formats import FORMATS

if TYPE_CHECKING:
    from reference import Enclosure
    from reference.element import Element

few = settings(
    max_examples=60,
    # Some relations concern one question in four, say those with a reduction.
    suppress_health_check=[HealthCheck.filter_too_much],
)
cases = questions(logits=(*tame, anything), factors=(positive,))
Rounded = list[list[float]]


def rounded(enclosure: Enclosure) -> Rounded:
    """Return an enclosure's elements, each rounded to all formats."""
    arrays = [enclosure.round_to(name).astype(float).ravel() for name in FORMATS]
    return np.stack(arrays, axis=-1).tolist()


def rows_of(question: Question, enclosure: Enclosure) -> list[list[Element]]:
    """Return the elements of a gradient by rows."""
    items = list(enclosure.elements())
    return [
        [
            items[int(np.ravel_multi_index(question.place(n, c), enclosure.shape))]
            for c in range(len(row))
        ]
        for n, row in enumerate(question.case.logits)
    ]


@few
@given(question=cases, data=st.data())
def test_classes_may_be_permuted(question: Question, data: st.DataObject) -> None:
    """The loss stays, exactly; the gradients are permuted, exactly."""
    case = question.case
    order = data.draw(st.permutations(range(len(case.logits[0]))))
    place = {c: i for i, c in enumerate(order)}

    def moved(row: Any) -> list[Any]:
        return [row[c] for c in order]

    target: Any = [
        place.get(t, t) if isinstance(t, int) else moved(t) for t in case.target
    ]
    other = replace(
        case,
        logits=[moved(row) for row in case.logits],
        target=target,
        weight=None if case.weight is None else moved(case.weight),
        ignore_index=place.get(case.ignore_index, case.ignore_index),
    )
    first, permuted = question, Question(other, question.rows)
    assert first.ask().value.elements() == permuted.ask().value.elements()
    for name in ("input", "target"):
        if name in first.ask().gradient:
            before = rows_of(question, first.ask().gradient[name])
            after = rows_of(permuted, permuted.ask().gradient[name])
            assert [moved(row) for row in before] == after
    if case.weight is not None:
        before_w = rounded(first.ask().gradient["weight"])
        assert moved(before_w) == rounded(permuted.ask().gradient["weight"])


@few
@given(question=cases, data=st.data())
def test_rows_may_be_permuted(question: Question, data: st.DataObject) -> None:
    """The reduced loss stays; row by row nothing else changes."""
    case = question.case
    order = data.draw(st.permutations(range(len(case.logits))))
    up = case.upstream
    other = replace(
        case,
        logits=[case.logits[n] for n in order],
        target=[case.target[n] for n in order],  # type: ignore[arg-type]
        upstream=[up[n] for n in order] if up and case.reduction == "none" else up,
    )
    before, after = question.ask(), Question(other, question.rows).ask()
    if case.reduction == "none":
        assert [rounded(before.value)[n] for n in order] == rounded(after.value)
    else:
        assert rounded(before.value) == rounded(after.value)
    if case.weight is not None:
        assert rounded(before.gradient["weight"]) == rounded(after.gradient["weight"])


@few
@given(question=cases, shift=rationals)
def test_logits_may_be_shifted(question: Question, shift: Fraction) -> None:
    """Adding one exact number to all logits changes nothing at all."""
    logits = [[x + shift for x in row] for row in question.case.logits]
    other = Question(replace(question.case, logits=logits), question.rows)
    before, after = question.ask(), other.ask()
    assert before.value.elements() == after.value.elements()
    for name, gradient in before.gradient.items():
        assert gradient.elements() == after.gradient[name].elements()


@few
@given(question=cases)
def test_batches_may_be_doubled(question: Question) -> None:
    """Twice the same rows: the mean stays, the sum is that of twice the weights."""
    case = question.case
    assume(case.reduction != "none" and len(question.rows) == 1)
    other = replace(case, logits=[*case.logits] * 2, target=[*case.target] * 2)
    twice = Question(other, (2 * question.rows[0],)).ask()
    if case.reduction == "sum":
        weight = case.weight or [Fraction(1)] * len(case.logits[0])
        once = Question(
            replace(case, weight=[2 * w for w in weight]), question.rows
        ).ask()
    else:
        once = question.ask()
    assert rounded(once.value) == rounded(twice.value)


@few
@given(question=cases)
def test_an_index_is_all_mass_on_one_class(question: Question) -> None:
    """Without ignored rows, index and one-hot give the same sum and unreduced loss."""
    case = question.case
    assume(all(isinstance(t, int) and t != case.ignore_index for t in case.target))
    assume(case.reduction != "mean")
    classes = range(len(case.logits[0]))
    mass = [[Fraction(int(c == t)) for c in classes] for t in case.target]
    hot = Question(replace(case, target=mass, ignore_index=-100), question.rows).ask()
    index = question.ask()
    assert rounded(index.value) == rounded(hot.value)
    assert rounded(index.gradient["input"]) == rounded(hot.gradient["input"])
    if case.weight is not None:
        assert rounded(index.gradient["weight"]) == rounded(hot.gradient["weight"])


@few
@given(question=cases)
def test_smoothing_is_a_mixture_of_targets(question: Question) -> None:
    """ε mixes 1/C into the mass: the loss is that of the mixed probabilities."""
    case = question.case
    assume(all(not isinstance(t, int) for t in case.target))
    eps, c = case.smoothing, len(case.logits[0])
    rows: Any = case.target
    mixed = [[(1 - eps) * p + eps / c for p in t] for t in rows]
    other = Question(replace(case, target=mixed, smoothing=Fraction(0)), question.rows)
    assert rounded(question.ask().value) == rounded(other.ask().value)
    assert rounded(question.ask().gradient["input"]) == rounded(
        other.ask().gradient["input"]
    )


@few
@given(question=cases, power=st.integers(-20, 20))
def test_weights_may_be_scaled(question: Question, power: int) -> None:
    """By 2**k: a mean over indices stays, all else is scaled exactly."""
    case = question.case
    assume(case.weight is not None)
    scale = Fraction(2) ** power
    weight = [w * scale for w in case.weight or ()]
    other = Question(replace(case, weight=weight), question.rows)
    mean = case.reduction == "mean" and isinstance(case.target[0], int)
    for name in ("value", "input"):
        a, b = (
            list((r.value if name == "value" else r.gradient["input"]).elements())
            for r in (question.ask(), other.ask())
        )
        factor = Fraction(1) if mean else scale
        for x, y in zip(a, b, strict=True):
            low, high = (factor * e for e in x.ends(-1100))
            assert y.rational == factor * x.rational
            assert y.ends(-1300)[0] <= high
            assert y.ends(-1300)[1] >= low


@few
@given(question=cases)
def test_ignored_rows_may_be_removed(question: Question) -> None:
    """What is ignored leaves no trace in what is reduced."""
    case = question.case
    assume(case.reduction != "none" and len(question.rows) == 1)
    kept = case.kept
    assume(kept)
    other = replace(
        case,
        logits=[case.logits[n] for n in kept],
        target=[case.target[n] for n in kept],  # type: ignore[arg-type]
    )
    before, after = question.ask(), Question(other, (len(kept),)).ask()
    assert before.value.elements() == after.value.elements()
    rows = rows_of(question, before.gradient["input"])
    items = [item for n in kept for item in rows[n]]
    assert items == list(after.gradient["input"].elements())


@few
@given(question=cases)
def test_gradient_rows_sum_to_zero(question: Question) -> None:
    """Shifting a row changes nothing, so its gradient has the exact sum 0."""
    for row in rows_of(question, question.ask().gradient["input"]):
        ends = [item.ends(-1200) for item in row]
        assert sum(low for low, _ in ends) <= 0 <= sum(high for _, high in ends)


@few
@given(question=cases, scale=positive)
def test_gradients_are_linear_in_the_cotangent(
    question: Question, scale: Fraction
) -> None:
    """A cotangent times k gives gradients times k."""
    up = question.case.upstream
    assume(up is not None)
    scaled = replace(question.case, upstream=[scale * u for u in up or ()])
    other = Question(scaled, question.rows).ask()
    for name, gradient in question.ask().gradient.items():
        for x, y in zip(
            gradient.elements(), other.gradient[name].elements(), strict=True
        ):
            assert y.rational == scale * x.rational
            low, high = (scale * e for e in x.ends(-1100))
            assert y.ends(-1300)[0] <= high
            assert y.ends(-1300)[1] >= low
