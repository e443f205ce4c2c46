"""No verdict depends on how fast the oracle was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.answer import ask
from conformance.backend import execute
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.case import DTYPES
from conformance.loading import load
from conformance.measure import Judged, examine
from conformance.verdict import Evidence, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.case import Case

BACKENDS = ("numpy", "mutant:log_of_softmax", "mutant:half_accumulation")
MOST = 5_000  # elements: larger cases of the corpus only take longer
CLOSE = 2.0**-9  # figures are known to twice a thousandth


def pool(loss: str, dtype: str, count: int) -> Iterator[Case]:
    """Yield cases of the pool, and the corpus."""
    for index in range(count):
        yield pool_case(loss, dtype, index)
    for named in corpus(loss, dtype):
        if sum(a.view().size for a in named.case.arguments.values()) <= MOST:
            yield named.case


def outcome(judged: Judged) -> tuple[object, ...]:
    """Return what a verdict says, without its figures."""
    verdict = judged.verdict
    figures = {"ratio": 0.0, "ulps": 0.0, "rounded": 0, "resolution": 0.0}
    # Which element is the worst may differ where two are nearly so.
    figures |= {"error": 0.0, "bound": 0.0}
    bare = replace(verdict, **figures, evidence=Evidence())
    evidence = (verdict.evidence.index, verdict.evidence.rounded, verdict.evidence.got)
    return judged.requirements, judged.wide, bare, evidence


def close(one: Verdict, other: Verdict) -> bool:
    """Say whether the figures of two verdicts are the same but for enclosures."""
    names = ("ratio", "ulps", "resolution")
    pairs = ((getattr(one, n), getattr(other, n)) for n in names)
    same = all(a == b or abs(a - b) <= CLOSE * max(a, b) + CLOSE for a, b in pairs)
    return same and one.rounded == other.rounded


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
@pytest.mark.parametrize("name", BACKENDS)
def test_verdicts_are_the_same_with_the_tiers_and_without(
    name: str, loss: str, dtype: str
) -> None:
    """Statuses, kinds, counts and evidence agree on pool and corpus."""
    backend = load(name)
    if loss not in backend.capabilities.losses:
        pytest.skip("not one of its losses")
    if dtype not in backend.capabilities.dtypes:
        pytest.skip("not one of its dtypes")
    for case in pool(loss, dtype, 25):
        if backend.can_run(case) is not None:
            continue
        output = execute(backend, case)
        fast = examine(case, ask(case), backend, output)
        slow = examine(case, ask(case, fast=False), backend, output)
        assert list(map(outcome, fast)) == list(map(outcome, slow)), case.id
        assert all(close(a.verdict, b.verdict) for a, b in zip(fast, slow, strict=True))
        assert all(j.verdict.status is not Status.INCONCLUSIVE for j in fast)
