"""The second derivative and forward mode, along the direction that a case gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.checks.promised import judged
from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.verdict import Verdict

_SOURCES: Final = {
    "hvp": "torch.autograd.functional.hvp; derivative of the documented formula",
    "jvp": "torch.func.jvp; derivative of the documented formula",
}

_PLAIN: Final = {
    "hvp": "the gradient by input, differentiated along a direction v, is H v",
    "jvp": "the loss, differentiated along a direction v by forward mode, is J v",
}

_REGRESSION: Final = {
    "broadcast": {
        "hvp": "a broadcast input's H v is summed over its copies",
        "jvp": "a broadcast input's direction is broadcast like it",
    },
}

_CLASSIFICATION: Final = {
    "weight": {
        "hvp": "the second derivative carries the class weights and their sum",
        "jvp": "forward mode carries the class weights and their sum",
    },
    "ignored": {
        "hvp": "ignored rows have a second derivative of 0",
        "jvp": "ignored rows have no part in forward mode, and are not counted",
    },
    "smoothing": {
        "hvp": "label smoothing leaves the sum of a row's weights to H v",
        "jvp": "the smoothed target enters forward mode",
    },
    "probabilities": {
        "hvp": "H v carries the probabilities' sum, which need not be 1",
        "jvp": "forward mode does not assume that probabilities sum to 1",
    },
    "k-dim": {
        "hvp": "in (N, C, d1, …) the Hessian couples the classes of a position",
        "jvp": "in (N, C, d1, …) forward mode sums over the second axis",
    },
}

_REDUCTIONS: Final = {
    "none": {
        "hvp": "without reduction H v is that of the terms' sum",
        "jvp": "without reduction J v has a number for each term",
    },
    "mean": {
        "hvp": "the second derivative of the mean carries its denominator",
        "jvp": "forward mode of the mean carries its denominator",
    },
    "sum": {
        "hvp": "the second derivative of the sum carries no denominator",
        "jvp": "forward mode of the sum carries no denominator",
    },
}

_UPSTREAM: Final = "the cotangent is a constant factor of the second derivative"


def _requirements() -> tuple[Requirement, ...]:
    made = []
    for loss, short in SHORT.items():
        if loss == "mae":
            made.append(_without_curvature(short))
        own = _CLASSIFICATION if loss == "cross_entropy" else _REGRESSION
        for name, source in _SOURCES.items():
            if (loss, name) == ("mae", "hvp"):
                continue
            statements = {"": _PLAIN[name]}
            statements |= {f: t[name] for f, t in {**_REDUCTIONS, **own}.items()}
            if name == "hvp":
                statements["upstream"] = _UPSTREAM
            rule = f"{short}-{name.upper()}"
            made += [
                Requirement(
                    f"{rule}-{feature.upper()}" if feature else rule,
                    statement,
                    source,
                    loss,
                    f"derivative.{name}",
                    rule,
                    frozenset({"tangent", feature} if feature else {"tangent"}),
                )
                for feature, statement in statements.items()
            ]
    return tuple(made)


def _without_curvature(short: str) -> Requirement:
    """Return the one requirement on the second derivative of MAE, which is always 0."""
    return Requirement(
        f"{short}-HVP",
        "the gradient by input is constant wherever it exists, so that H v is 0",
        _SOURCES["hvp"],
        "mae",
        "derivative.hvp",
        f"{short}-HVP",
        frozenset({"tangent"}),
    )


def _check(context: Context) -> Iterator[Verdict]:
    result, output = context.answer.result, context.output
    if result is None or output.error is not None:
        return
    offered = context.capabilities.derivatives.get(context.case.loss, frozenset())
    for name in sorted(offered & set(result.derivatives)):
        yield from judged(context, f"derivative.{name}", output.derivatives, name)


DERIVATIVES: Final = Family(_requirements(), _check)
