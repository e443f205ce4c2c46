"""Results of a case and of variants of it obey the relations between the exact ones.

A bound relation fails only where the case or a variant is out of its own bound, so that
the check adds inputs that nobody drew, without asking the oracle, and tests the oracle
and the bounds themselves: a relation that fails while both sides conform is our fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT
from conformance.experiment import RELATION
from conformance.relations import RELATIONS
from conformance.relations.identity import ITSELF, Gap, Reading, gap
from conformance.tolerance import Tolerance
from conformance.verdict import Status, Verdict
from reference import format_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.backend import Output
    from conformance.experiment import Followup
    from conformance.relations.identity import Identity, Term


def _requirements() -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            f"{SHORT[loss]}-REL-{relation.name.upper()}",
            relation.statement,
            relation.source,
            loss,
            RELATION + relation.name,
            "the bounds of the terms, added",
            needs=relation.needs,
        )
        for relation in RELATIONS
        for loss in relation.losses
    )


def _check(context: Context) -> Iterator[Verdict]:
    trial = context.trial
    if trial is None or context.answer.result is None or context.output.error:
        return
    for followup in trial.followups:
        yield _Comparison(context, followup).verdict()


class _Comparison:
    """One relation on one case."""

    def __init__(self, context: Context, followup: Followup) -> None:
        self._context = context
        self._followup = followup
        self._tolerances: dict[str, Tolerance] = {}
        self._quantity = RELATION + followup.relation.name
        self._threshold = float(format_named(context.case.dtype).largest)

    def verdict(self) -> Verdict:
        """Return the worst of what the relation's identities show."""
        for name, output in self._followup.outputs.items():
            if output.error is not None:
                text = f"the {name} raised {output.error}, the case itself did not"
                return Verdict(self._quantity, Status.ERROR, "raised", 1, detail=text)
        gaps = [
            found
            for identity in self._followup.variation.identities
            if (found := self._gap(identity)) is not None
        ]
        if not gaps:
            return Verdict(self._quantity, Status.VACUOUS)
        return self._worst(gaps)

    def _worst(self, found: list[Gap]) -> Verdict:
        wrong = next((g for g in found if g.kind), None)
        worst, status = wrong or Gap(0), Status.CONFORMS
        if worst.kind:
            number = worst.kind == "value"
            status = Status.VIOLATES if number else Status.WRONG_CLASS
        return Verdict(
            self._quantity,
            status,
            worst.kind,
            sum(g.elements for g in found),
            ratio=max(g.ratio for g in found),
            measured=sum(g.measured for g in found),
            detail=worst.detail,
            evidence=worst.evidence,
        )

    def _gap(self, identity: Identity) -> Gap | None:
        """Return how far results are off; None where one side is nobody's business."""
        readings = []
        for term in identity.terms:
            reading = self._reading(term)
            if reading is None:
                return None
            readings.append(reading)
        return gap(identity, tuple(readings), self._threshold)

    def _reading(self, term: Term) -> Reading | None:
        context = self._context
        kind, _, argument = term.quantity.partition(".")
        offered = context.capabilities.gradients.get(context.case.loss, frozenset())
        if kind == "gradient" and argument not in offered:
            return None
        if term.source != ITSELF:
            return self._of_variant(term)
        if self._followup.outputs and context.failed(term.quantity):
            # The variants may be right: the failure is reported where it is.
            return None
        question = context.answer.question(term.quantity, context.contract)
        got = _array(context.output, term.quantity)
        if got is None or got.shape != question.exact.shape:
            return None
        doubtful = np.asarray(question.exact.also != 0)
        if question.crowded:
            doubtful = np.ones(got.shape, dtype=np.bool_)
        return Reading(got.astype(np.float64), question.bound.error, doubtful)

    def _of_variant(self, term: Term) -> Reading | None:
        case = self._followup.variation.variants[term.source]
        got = _array(self._followup.outputs[term.source], term.quantity)
        if term.source not in self._tolerances:
            self._tolerances[term.source] = Tolerance(case, self._context.contract)
        bound = self._tolerances[term.source].bound(term.quantity).error
        if got is None or got.shape != bound.shape:
            return None
        nowhere = np.zeros(got.shape, dtype=np.bool_)
        return Reading(got.astype(np.float64), bound, nowhere)


def _array(output: Output, quantity: str) -> np.ndarray | None:
    if quantity == "value":
        return output.value
    return output.gradients.get(quantity.removeprefix("gradient."))


RELATED: Final = Family(_requirements(), _check)
