"""From a case to verdicts: the oracle answers once, every check reads that answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from conformance import checks
from conformance.contract import WIDE
from conformance.rules.arithmetic import Arithmetic

if TYPE_CHECKING:
    from conformance.answer import Answer
    from conformance.backend import Backend, Output
    from conformance.case import Case
    from conformance.contract import Contract
    from conformance.experiment import Trial
    from conformance.verdict import Status, Verdict


@dataclass(frozen=True)
class Judged:
    """One verdict and what it is evidence for.

    Attributes:
        requirements: Ids of the requirements it is evidence for.
        verdict: The verdict.
        wide: The status of the same comparison under the contract `wide`.
    """

    requirements: tuple[str, ...]
    verdict: Verdict
    wide: Status


def wide_of(contract: Contract) -> Contract:
    """Return `wide` with the function errors and the lanes of `contract`."""
    names = ("exp_ulps", "log_ulps", "lanes", "row_lanes", "contiguous_lanes")
    return replace(WIDE, **{name: getattr(contract, name) for name in names})


def same_bounds(one: Contract, other: Contract, dtype: str) -> bool:
    """Say if two contracts imply the same bounds for a storage format."""
    return Arithmetic.of(one, dtype, lanes=one.lanes) == Arithmetic.of(
        other, dtype, lanes=other.lanes
    )


@lru_cache(maxsize=4)
def _features(case: Case, given: Answer) -> frozenset[str]:
    # One case is examined on one backend after another.
    return checks.features(case, given) | checks.details(case, given)


def examine(
    case: Case,
    given: Answer,
    backend: Backend,
    output: Output,
    trial: Trial | None = None,
) -> tuple[Judged, ...]:
    """Return every verdict on what `backend` made of `case`, and of `trial`."""
    contract = backend.capabilities.contract
    features = _features(case, given)
    made = checks.check(case, given, backend.capabilities, output, contract, trial)
    again: dict[str, Status] = {}
    wide = wide_of(contract)
    if not same_bounds(contract, wide, case.dtype):
        second = checks.check(case, given, backend.capabilities, output, wide)
        again = {v.quantity: v.status for v in second}
    return tuple(
        Judged(
            checks.evidence_for(case.loss, v, features, backend.capabilities),
            v,
            again.get(v.quantity, v.status),
        )
        for v in made
    )
