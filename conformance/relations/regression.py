"""Relations of MAE and MSE alone: what they do not tell apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.builders.axes import with_arrays
from conformance.builders.layouts import place
from conformance.relations.identity import ITSELF, Identity, Term, Variation
from conformance.relations.relation import VARIANT, Relation, equal

if TYPE_CHECKING:
    from conformance.case import Case

LOSSES: Final = ("mae", "mse")
_OTHER: Final = {"input": "target", "target": "input"}


def _swapped(case: Case) -> Variation:
    arguments = {name: case.arguments[other] for name, other in _OTHER.items()}
    variant = replace(case, arguments=arguments)
    exact = case.reduction == "none"
    value = Identity((Term(ITSELF, "value"), Term(VARIANT, "value", -1.0)), exact)
    gradients = tuple(
        Identity(
            (
                Term(ITSELF, f"gradient.{name}"),
                Term(VARIANT, f"gradient.{other}", -1.0),
            )
        )
        for name, other in _OTHER.items()
    )
    return Variation({VARIANT: variant}, (value, *gradients))


def _negated(case: Case) -> Variation:
    negative = {n: place(-a.view()) for n, a in case.arguments.items()}
    factor = {"gradient.input": -1.0, "gradient.target": -1.0}
    identities = equal(case, factor=factor)
    if case.reduction == "none":
        identities = (replace(identities[0], exact=True), *identities[1:])
    return Variation({VARIANT: with_arrays(case, negative)}, identities)


RELATIONS: Final = (
    Relation(
        "arguments-swapped",
        "input and target can be exchanged, and their gradients with them; each term "
        "keeps its bits",
        "|a − b| = |b − a|, which rounding to nearest keeps",
        LOSSES,
        _swapped,
    ),
    Relation(
        "arguments-negated",
        "the opposite numbers have the same loss, term by term in the same bits, and "
        "the opposite gradients",
        "|−a + b| = |a − b|, which rounding to nearest keeps",
        LOSSES,
        _negated,
    ),
)
