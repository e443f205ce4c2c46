"""The catalogue of requirements, and the checks that give evidence for them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from conformance.checks.declined import declines
from conformance.checks.derivatives import DERIVATIVES
from conformance.checks.details import details
from conformance.checks.errors import ERRORS
from conformance.checks.features import features
from conformance.checks.gradients import GRADIENTS
from conformance.checks.paths import BY_PATH
from conformance.checks.purity import PURITY
from conformance.checks.relations import RELATED
from conformance.checks.repetition import REPETITION
from conformance.checks.requirement import Context, Requirement
from conformance.checks.results import RESULTS
from conformance.checks.semantics import SEMANTICS
from conformance.checks.values import VALUES
from conformance.verdict import Status, gravity

if TYPE_CHECKING:
    from conformance.answer import Answer
    from conformance.backend import Capabilities, Output
    from conformance.case import Case
    from conformance.contract import Contract
    from conformance.experiment import Trial
    from conformance.verdict import Verdict

__all__ = [
    "Requirement",
    "catalogue",
    "check",
    "details",
    "evidence_for",
    "features",
    "unsupported",
]

_FAMILIES: Final = (
    VALUES,
    GRADIENTS,
    DERIVATIVES,
    RESULTS,
    PURITY,
    ERRORS,
    SEMANTICS,
)
_FURTHER: Final = (REPETITION, RELATED, BY_PATH)  # these read what the others said
_OPTIONS: Final = {
    "weight": "weight",
    "ignored": "ignore_index",
    "smoothing": "label_smoothing",
    "probabilities": "class_probabilities",
    "upstream": "upstream",
    "invalid:weight": "weight",
    "invalid:label_smoothing": "label_smoothing",
}


@cache
def catalogue() -> tuple[Requirement, ...]:
    """Return every requirement, in the order of the checks."""
    return tuple(r for family in (*_FAMILIES, *_FURTHER) for r in family.requirements)


def check(
    case: Case,
    given: Answer,
    capabilities: Capabilities,
    output: Output,
    contract: Contract,
    trial: Trial | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdicts of every family on one output and what else was asked.

    Of several answers to the same case, which a backend that is not deterministic is
    asked for, the worst verdict counts.
    """
    context = Context(case, given, capabilities, output, contract)
    made = _first(context)
    for other in () if trial is None else trial.envelope:
        made = _worse(made, _first(replace(context, output=other)))
    if trial is not None:
        judged = {v.quantity: v for v in made}
        further = replace(context, trial=trial, judged=judged)
        made += tuple(v for family in _FURTHER for v in family.check(further))
    return made


def _first(context: Context) -> tuple[Verdict, ...]:
    return tuple(verdict for family in _FAMILIES for verdict in family.check(context))


def _worse(one: tuple[Verdict, ...], other: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    found = {v.quantity: v for v in one}
    for verdict in other:
        before = found.get(verdict.quantity)
        if before is None or gravity(verdict) > gravity(before):
            found[verdict.quantity] = verdict
    return tuple(found.values())


@cache
def _evidence(
    loss: str, quantity: str, found: frozenset[str]
) -> tuple[Requirement, ...]:
    return tuple(r for r in _about(quantity) if r.covers(loss, quantity, found))


@cache
def _about(quantity: str) -> tuple[Requirement, ...]:
    return tuple(r for r in catalogue() if r.quantity == quantity)


def evidence_for(
    loss: str, verdict: Verdict, found: frozenset[str], capabilities: Capabilities
) -> tuple[str, ...]:
    """Return the ids of the requirements a verdict is evidence for.

    A call that ended in an error is evidence, and bad evidence, for all that was to be
    read off its result.
    """
    quantities = [verdict.quantity]
    if verdict.quantity == "call" and verdict.status is Status.ERROR:
        quantities += sorted({r.quantity for r in catalogue()} - {"call", "rejection"})
    return tuple(
        r.id
        for quantity in quantities
        for r in _evidence(loss, quantity, found)
        if unsupported(r, capabilities) is None
    )


def unsupported(requirement: Requirement, capabilities: Capabilities) -> str | None:
    """Return why a backend is not asked for a requirement, or None if it is."""
    if requirement.loss not in capabilities.losses:
        return f"{requirement.loss} is not offered"
    declined = _declined(requirement, capabilities)
    if declined is not None:
        return declined
    for feature in requirement.features:
        option = _OPTIONS.get(feature)
        if option is not None and option not in capabilities.options:
            return f"{option} is not offered"
        if feature == "joint" and not {"weight", "ignore_index", "label_smoothing"} <= (
            capabilities.options
        ):
            return "weight, ignore_index and label_smoothing are not all offered"
    missing = sorted(requirement.needs - capabilities.options)
    if missing:
        return f"{', '.join(missing)} is not offered"
    return _unpromised(requirement, capabilities)


def _declined(requirement: Requirement, capabilities: Capabilities) -> str | None:
    """Return why a backend declines all that a requirement is shown by, or None."""
    for word in (*sorted(requirement.features), requirement.quantity):
        reason = declines(capabilities.declined, word)
        if reason is not None:
            return reason
    if requirement.loss == "cross_entropy" and requirement.features & _tables(
        capabilities
    ):
        return capabilities.declined["k-dim"]
    return None


def _tables(capabilities: Capabilities) -> set[str]:
    """Return what is shown by (N, d1, …) only, for who declines that."""
    if "k-dim" not in capabilities.declined:
        return set()
    by_index = "class_probabilities" not in capabilities.options
    return {"upstream-transposed"} | ({"target-transposed"} if by_index else set())


def _unpromised(requirement: Requirement, capabilities: Capabilities) -> str | None:
    """Return which gradient, path or promise is lacking, or None if none is."""
    kind, _, argument = requirement.quantity.partition(".")
    if kind == "path" and argument not in capabilities.paths:
        return f"the path {argument} is not offered"
    if kind == "repeat" and not capabilities.deterministic:
        return "equal bits are not promised"
    backwards = any(f.endswith("-negative-strides") for f in requirement.features)
    if backwards and not capabilities.negative_strides:
        return "views that run backwards are not offered"
    offered = capabilities.gradients.get(requirement.loss, frozenset())
    if kind == "gradient" and argument not in offered:
        return f"the gradient by {argument} is not offered"
    along = capabilities.derivatives.get(requirement.loss, frozenset())
    if kind == "derivative" and argument not in along:
        return f"{argument} is not offered"
    return None
