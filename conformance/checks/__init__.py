"""The catalogue of requirements, and the checks that give evidence for them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from conformance.checks.declined import declines
from conformance.checks.errors import ERRORS
from conformance.checks.features import features
from conformance.checks.gradients import GRADIENTS
from conformance.checks.purity import PURITY
from conformance.checks.requirement import Context, Requirement
from conformance.checks.results import RESULTS
from conformance.checks.values import VALUES
from conformance.verdict import Status

if TYPE_CHECKING:
    from conformance.answer import Answer
    from conformance.backend import Capabilities, Output
    from conformance.case import Case
    from conformance.contract import Contract
    from conformance.verdict import Verdict

__all__ = [
    "Requirement",
    "catalogue",
    "check",
    "evidence_for",
    "features",
    "unsupported",
]

_FAMILIES: Final = (VALUES, GRADIENTS, RESULTS, PURITY, ERRORS)
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
    return tuple(r for family in _FAMILIES for r in family.requirements)


def check(
    case: Case,
    given: Answer,
    capabilities: Capabilities,
    output: Output,
    contract: Contract,
) -> tuple[Verdict, ...]:
    """Return the verdicts of every family on one output."""
    context = Context(case, given, capabilities, output, contract)
    return tuple(verdict for family in _FAMILIES for verdict in family.check(context))


@cache
def _evidence(
    loss: str, quantity: str, found: frozenset[str]
) -> tuple[Requirement, ...]:
    return tuple(r for r in catalogue() if r.covers(loss, quantity, found))


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
    for feature in requirement.features:
        reason = declines(capabilities.declined, feature)
        if reason is not None:
            return reason
        option = _OPTIONS.get(feature)
        if option is not None and option not in capabilities.options:
            return f"{option} is not offered"
        if feature == "joint" and not {"weight", "ignore_index", "label_smoothing"} <= (
            capabilities.options
        ):
            return "weight, ignore_index and label_smoothing are not all offered"
    kind, _, argument = requirement.quantity.partition(".")
    offered = capabilities.gradients.get(requirement.loss, frozenset())
    if kind == "gradient" and argument not in offered:
        return f"the gradient by {argument} is not offered"
    return None
