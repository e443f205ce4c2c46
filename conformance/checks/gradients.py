"""The gradients, by every argument that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.checks.promised import judged
from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.verdict import Verdict

_COMMON: Final = {
    "none": "without reduction the gradient is that of the terms' sum",
    "mean": "the gradient of the mean carries the mean's denominator",
    "sum": "the gradient of the sum carries no denominator",
    "upstream": "the gradient is multiplied by the upstream gradient, element by "
    "element",
    "special": "infinities and nan lead to the gradient of the table of special values",
    "layout": "the memory layout of the arguments does not matter",
}

_CLASSIFICATION: Final = {
    "weight": "a row's gradient carries its class weights",
    "ignored": "ignored rows have gradient zero",
    "smoothing": "the smoothed target enters the gradient of every class",
    "probabilities": "the gradient does not assume that probabilities sum to 1",
    "k-dim": "in (N, C, d1, …) the softmax is over the second axis",
    "joint": "weights, ignored rows and smoothing keep their meaning together",
}


def _requirements() -> tuple[Requirement, ...]:
    made = []
    for loss, short in SHORT.items():
        classification = loss == "cross_entropy"
        options = {**_COMMON, **(_CLASSIFICATION if classification else {})}
        if not classification:
            options["broadcast"] = (
                "a broadcast argument's gradient is summed over its copies"
            )
        rule = f"{short}-GRAD-INPUT" if classification else f"{short}-GRAD"
        made += [
            Requirement(
                f"{short}-{feature.upper()}-GRADIENT",
                statement,
                TORCH[loss],
                loss,
                "gradient.input",
                rule,
                frozenset({feature}),
            )
            for feature, statement in options.items()
        ]
        made += _by_others(loss, short)
    return tuple(made)


def _by_others(loss: str, short: str) -> list[Requirement]:
    if loss != "cross_entropy":
        text = "the gradient by target is minus that by input, where shapes agree"
        return [
            Requirement(
                f"{short}-TARGET",
                text,
                TORCH[loss],
                loss,
                "gradient.target",
                f"{short}-GRAD",
            )
        ]
    probabilities = frozenset({"probabilities"})
    return [
        Requirement(
            "CE-TARGET",
            "the gradient by class probabilities is −w log p, times 1 − ε",
            TORCH[loss],
            loss,
            "gradient.target",
            "CE-GRAD-TARGET",
            probabilities,
        ),
        Requirement(
            "CE-WEIGHT",
            "the gradient by class weights sums −t log p over the rows",
            "derivative of the documented formula",
            loss,
            "gradient.weight",
            "CE-GRAD-WEIGHT",
            probabilities | {"weight"},
        ),
    ]


def _check(context: Context) -> Iterator[Verdict]:
    result, output = context.answer.result, context.output
    if result is None or output.error is not None:
        return
    offered = context.capabilities.gradients.get(context.case.loss, frozenset())
    for name in sorted(offered & set(result.gradient)):
        if name == "weight" and "probabilities" not in _kinds(context):
            continue
        words = f"the gradient by {name}"
        yield from judged(context, f"gradient.{name}", output.gradients, words)


def _kinds(context: Context) -> set[str]:
    result = context.answer.result
    probability = result is not None and result.problem.target_kind == "probability"
    return {"probabilities"} if probability else {"indices"}


GRADIENTS: Final = Family(_requirements(), _check)
