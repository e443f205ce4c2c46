"""The outcome of a comparison, as data; its wording is in `explain`."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """The closed list of what a comparison can end in."""

    CONFORMS = "conforms"
    KNOWN = "known"
    SUSPECT = "suspect"
    VACUOUS = "vacuous"
    UNSUPPORTED = "unsupported"
    INCONCLUSIVE = "inconclusive"
    ACCEPTED_INVALID = "accepted-invalid"
    ERROR = "error"
    WRONG_CLASS = "wrong-class"
    VIOLATES = "violates"


FAILURES = frozenset(
    {Status.VIOLATES, Status.WRONG_CLASS, Status.ERROR, Status.ACCEPTED_INVALID}
)
"""What makes a run end with 1 unless it is listed as known."""


def gravity(verdict: Verdict) -> tuple[int, float]:
    """Return a key that sorts verdicts from harmless to grave."""
    return _GRAVITY[verdict.status], verdict.ratio


_GRAVITY = {status: rank for rank, status in enumerate(Status)}


@dataclass(frozen=True)
class Evidence:
    """The worst element of one comparison.

    Attributes:
        index: Its position in the quantity.
        exact: The exact value, as decimal text; `nan`, `inf` or a set for special rows.
        rounded: The correctly rounded value of the storage format, hexadecimal.
        got: What the backend returned, decimal.
        got_hex: The same, hexadecimal.
        error: |got − exact|, decimal; empty where the classes differ.
        bound: The a-priori bound, decimal.
        rule: The id of the rule that gave the bound.
        terms: The parts of the bound by cause; they add up to it.
    """

    index: tuple[int, ...] = ()
    exact: str = ""
    rounded: str = ""
    got: str = ""
    got_hex: str = ""
    error: str = ""
    bound: str = ""
    rule: str = ""
    terms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The outcome for one quantity of one case on one backend.

    Attributes:
        quantity: `value`, `gradient.input`, `gradient.target`, `gradient.weight`,
            `derivative.hvp`, `derivative.jvp`,
            `dtype`, `shape`, `device`, `zero`, `inputs`, `call`, `rejection`, `repeat`,
            `detached`, `relation.<name>`, `path.<name>`.
        status: The worst status of its elements.
        kind: What differs: `value`, `nan`, `infinity`, `finite`, `sign`, `dtype`,
            `shape`, `missing`, `modified`, `raised`, `accepted`, `crashed`, `hung`,
            `device`, `zero`, `nondeterministic`, `aliased`; empty if nothing does.
        elements: Elements judged.
        counts: Status → elements.
        ratio: Largest error/bound among elements with a finite bound; infinite where
            the bound is zero and the error is not.
        error: The error of the element with that ratio.
        bound: The bound of that element.
        ulps: Largest error in ulp among the same elements.
        rounded: How many elements are correctly rounded (error at most half an ulp).
        measured: How many elements `ratio`, `ulps` and `rounded` are about.
        weak: Would zeros have conformed too? True if no element could tell.
        resolution: The smallest bound/|exact| among them: how much of a result that
            is not zero the bound could see missing. Infinite if there is no such.
        detail: One sentence where numbers do not say it.
        evidence: The worst element.
    """

    quantity: str
    status: Status
    kind: str = ""
    elements: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    ratio: float = 0.0
    ulps: float = 0.0
    rounded: int = 0
    measured: int = 0
    weak: bool = False
    resolution: float = math.inf
    detail: str = ""
    evidence: Evidence = Evidence()
    error: float = 0.0
    bound: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain data; numbers stay Python floats, encoded by the run file."""
        data = asdict(self)
        data["status"] = str(self.status)
        data["evidence"]["index"] = list(self.evidence.index)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the verdict that `to_json` described."""
        fields = dict(data)
        evidence = dict(fields.pop("evidence"))
        evidence["index"] = tuple(evidence["index"])
        status = Status(fields.pop("status"))
        return cls(status=status, evidence=Evidence(**evidence), **fields)
