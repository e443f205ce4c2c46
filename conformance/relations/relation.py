"""What a relation is, and the identities that most relations need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.relations.identity import ITSELF, Identity, Term, unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.case import Case
    from conformance.relations.identity import Arrange, Variation

VARIANT: Final = "variant"
"""What a relation with one variant calls it."""


@dataclass(frozen=True)
class Relation:
    """One identity that the losses obey.

    Attributes:
        name: Part of the requirement's id, in words joined by hyphens.
        statement: One sentence that is true of a conforming backend.
        source: The theorem or the documented meaning that makes it true.
        losses: The losses it is about.
        vary: Valid case → variants and identities; None where it says nothing.
        needs: Abilities, of `conformance.backend.OPTIONS`, that the variants use
            whatever the case uses.
    """

    name: str
    statement: str
    source: str
    losses: tuple[str, ...]
    vary: Callable[[Case], Variation | None]
    needs: frozenset[str] = frozenset()


def by_index(case: Case) -> bool:
    """Say whether the target holds class indices."""
    kind = case.arguments["target"].base.dtype.kind
    return case.loss == "cross_entropy" and kind in "iu"


def quantities(case: Case) -> tuple[str, ...]:
    """Return `value` and the gradients that the losses are differentiated by."""
    if by_index(case):
        return "value", "gradient.input"
    return "value", *(f"gradient.{name}" for name in case.arguments)


def equal(
    case: Case,
    arrange: Mapping[str, Arrange] | None = None,
    factor: Mapping[str, float] | None = None,
    *,
    variant: str = VARIANT,
    exact: bool = False,
) -> tuple[Identity, ...]:
    """Return `quantity = factor · arrange(variant's quantity)` for every quantity."""
    arrange, factor = arrange or {}, factor or {}
    return tuple(
        Identity(
            (
                Term(ITSELF, name),
                Term(
                    variant,
                    name,
                    -factor.get(name, 1.0),
                    arrange.get(name, unchanged),
                ),
            ),
            exact,
        )
        for name in quantities(case)
    )


def is_finite(case: Case) -> bool:
    """Say whether every real argument and the upstream gradient are finite."""
    arrays = [*case.arguments.values()]
    if case.upstream is not None:
        arrays.append(case.upstream)
    return all(
        bool(np.isfinite(a.view().astype(np.float64)).all())
        for a in arrays
        if a.base.dtype.kind not in "iub"
    )
