"""Ways to choose cases: all take a loss, a dtype, a count, a seed and a score."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import hypothesis
from hypothesis import HealthCheck, Phase, strategies

from conformance.builders.cases import draw_case
from conformance.builders.choices import DrawnChoices
from conformance.builders.search import drawn, search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.case import Case

    Score = Callable[[Case], float]
    Method = Callable[[str, str, int, int, Score], None]

_REPEATS: Final = 3
"""Examples of Hypothesis for each case asked for: it repeats itself."""


class EnoughError(Exception):
    """Ends a method early."""


def directed(loss: str, dtype: str, count: int, seed: int, score: Score) -> None:
    """Run the search."""
    search(loss, dtype, budget=count, seed=seed, score=score)


def undirected(loss: str, dtype: str, count: int, seed: int, score: Score) -> None:
    """Take what the search of this seed draws, and nothing else."""
    for index in range(count):
        score(drawn(loss, dtype, seed, index))


def _hypothesis(*, target: bool) -> Method:
    """Return a method that lets Hypothesis draw, and climb if `target`."""

    def method(loss: str, dtype: str, count: int, seed: int, score: Score) -> None:
        known: dict[str, float] = {}

        @strategies.composite
        def cases(draw: strategies.DrawFn) -> Case:
            return draw_case(DrawnChoices(draw), loss, dtype)

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=_REPEATS * count,
            phases=(Phase.generate, Phase.target) if target else (Phase.generate,),
            database=None,
            deadline=None,
            suppress_health_check=tuple(HealthCheck),
        )
        @hypothesis.given(cases())
        def probe(case: Case) -> None:
            if case.id not in known:
                if len(known) == count:
                    raise EnoughError
                known[case.id] = score(case)
            if target and math.isfinite(known[case.id]):
                hypothesis.target(known[case.id])

        try:
            probe()
        except EnoughError:
            return

    return method


METHODS: Final[Mapping[str, Method]] = {
    "directed": directed,
    "undirected": undirected,
    "Hypothesis, target": _hypothesis(target=True),
    "Hypothesis, draws": _hypothesis(target=False),
}
"""Name → method; the first two are compared seed by seed."""
