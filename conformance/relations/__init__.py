"""Relations between results, which need no exact value; `conformance.checks` uses them.

A relation takes a case to variants of it and says which linear identities hold between
the exact results. They follow from the formulas alone, so they judge a backend, and the
oracle beside it, by another road; and the variants are inputs that the pool never drew.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.relations import classification, everywhere, regression
from conformance.relations.relation import Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.backend import Capabilities
    from conformance.case import Case
    from conformance.relations.identity import Variation

__all__ = ["RELATIONS", "Relation", "applicable"]

RELATIONS: Final[tuple[Relation, ...]] = (
    *everywhere.RELATIONS,
    *regression.RELATIONS,
    *classification.RELATIONS,
)
"""Every relation."""

LARGEST: Final = 4096
"""Elements of a case from which on variants would cost more than they show."""


def applicable(
    case: Case, capabilities: Capabilities, first: int = 0
) -> Iterator[tuple[Relation, Variation]]:
    """Yield the relations that say something about a valid case, with its variants.

    Args:
        case: The case.
        capabilities: What the backend offers.
        first: Where to begin in the list of relations, which goes round.
    """
    size = sum(math.prod(a.shape) for a in case.arguments.values())
    known = [r for r in RELATIONS if case.loss in r.losses]
    start = first % len(known)
    for relation in (*known[start:], *known[:start]) if size <= LARGEST else ():
        if relation.needs <= capabilities.options:
            with np.errstate(all="ignore"):
                variation = relation.vary(case)
            if variation is not None:
                yield relation, variation
