"""The loss itself, under every reduction and option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH
from conformance.judge import judge
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

_REDUCTIONS: Final = {
    "none": "without reduction every term is within its bound of the exact one",
    "mean": "the mean is within its bound of the exact one",
    "sum": "the sum is within its bound of the exact one",
}

_REGRESSION: Final = {
    "broadcast": "arguments of different shapes are broadcast against each other, and "
    "the mean is over the broadcast shape",
    "empty": "without elements the sum is 0 and the mean is nan",
    "special": "infinities and nan lead to the result of the table of special values",
    "layout": "the memory layout of the arguments does not matter",
}

_CLASSIFICATION: Final = {
    "weight": "each class counts with its weight, and the mean divides by the sum of "
    "the weights used (class indices)",
    "ignored": "rows whose target is ignore_index contribute nothing and are not "
    "counted",
    "smoothing": "the target is mixed with the uniform distribution over all classes",
    "probabilities": "class probabilities need not sum to 1, and the mean divides by "
    "the number of rows",
    "unbatched": "logits of shape (C,) are one row",
    "k-dim": "in (N, C, d1, …) the class axis is the second, and every position is a "
    "row",
    "joint": "weights, ignored rows and smoothing keep their meaning together",
    "empty": "without rows the sum is 0 and the mean is nan",
    "special": "infinities and nan lead to the result of the table of special values",
    "layout": "the memory layout of the arguments does not matter",
}


def _requirements() -> tuple[Requirement, ...]:
    made = []
    for loss, short in SHORT.items():
        options = _CLASSIFICATION if loss == "cross_entropy" else _REGRESSION
        for feature, statement in {**_REDUCTIONS, **options}.items():
            name = f"{short}-{feature.upper()}-VALUE"
            rule = f"{short}-{{NONE,MEAN,SUM}}"
            if feature in _REDUCTIONS:
                rule = f"{short}-{feature.upper()}"
            made.append(
                Requirement(
                    name,
                    statement,
                    TORCH[loss],
                    loss,
                    "value",
                    rule,
                    frozenset({feature}),
                )
            )
    return tuple(made)


def _check(context: Context) -> Iterator[Verdict]:
    got = context.output.value
    if context.answer.result is None or context.output.error is not None:
        return
    if got is None:
        yield Verdict(
            "value", Status.WRONG_CLASS, "missing", detail="no value was returned"
        )
        return
    question = context.answer.question("value", context.contract)
    if got.shape == question.exact.shape:  # else the verdict on `shape` says so
        yield judge(question, got)


VALUES: Final = Family(_requirements(), _check)
