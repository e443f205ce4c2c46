"""What a requirement is, and which verdicts are evidence for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.verdict import FAILURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.answer import Answer
    from conformance.backend import Capabilities, Output
    from conformance.case import Case
    from conformance.contract import Contract
    from conformance.experiment import Trial
    from conformance.verdict import Verdict


@dataclass(frozen=True)
class Requirement:
    """One thing a backend must do.

    Attributes:
        id: Stable name, such as `CE-IGNORE-VALUE`.
        statement: One sentence that is true of a conforming backend.
        source: Where it comes from.
        loss: The loss it is about.
        quantity: The quantity whose verdicts are evidence: `value`, `gradient.input`, …
        rule: The rule that bounds it, or how it is compared.
        features: What a case must have to be evidence; see
            `conformance.checks.features` and `conformance.checks.details`.
        needs: Abilities a backend must offer to be asked, of
            `conformance.backend.OPTIONS`, beside those that the features name.
        note: Which well-known implementation does otherwise, and how.
    """

    id: str
    statement: str
    source: str
    loss: str
    quantity: str
    rule: str
    features: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    note: str = ""

    def covers(self, loss: str, quantity: str, features: frozenset[str]) -> bool:
        """Say whether a verdict on `quantity` of such a case is evidence."""
        return (
            loss == self.loss
            and quantity == self.quantity
            and self.features <= features
        )


@dataclass(frozen=True)
class Context:
    """What a check sees of one case on one backend.

    Attributes:
        case: The case.
        answer: What the oracle says to it.
        capabilities: What the backend says it can do.
        output: What it returned.
        contract: The arithmetic to judge by.
        trial: What the backend returned beside that; None if it was asked nothing.
        judged: The verdicts of earlier families, by quantity.
    """

    case: Case
    answer: Answer
    capabilities: Capabilities
    output: Output
    contract: Contract
    trial: Trial | None = None
    judged: Mapping[str, Verdict] = field(default_factory=dict)

    def failed(self, quantity: str) -> bool:
        """Say whether the backend's answer to the case itself failed there."""
        verdict = self.judged.get(quantity)
        return verdict is not None and verdict.status in FAILURES


@dataclass(frozen=True)
class Family:
    """Requirements that one function checks.

    Attributes:
        requirements: What it checks.
        check: Measured case → verdicts. It yields nothing where it does not apply.
    """

    requirements: tuple[Requirement, ...]
    check: Callable[[Context], Iterable[Verdict]]
