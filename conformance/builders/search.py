"""The search: an evolution of cases towards a higher score.

Half of the cases are drawn anew. The others vary a case that scored well: half of these
the best of three cases chosen at random, half of them one of the four best of all.

Hypothesis is not used here. At the same number of cases its `target` reached smaller
scores than the counter-based draws alone, and so did its own draws, each of which takes
longer than a case takes to be judged: `reports/search.md` has the numbers.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conformance.builders.cases import draw_case
from conformance.builders.choices import CounterChoices
from conformance.builders.variations import vary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.builders.choices import Choices
    from conformance.case import Case

REACHED: Final = 0.999
"""A score of error/bound: there the bound is reached, and nothing is left to climb."""

_RIVALS: Final = 3
_BEST: Final = 4
_PATIENCE: Final = 20
"""Candidates looked at for each case scored: variations repeat, or cannot be made."""


@dataclass(frozen=True)
class _Scored:
    score: float
    case: Case


def search(
    loss: str,
    dtype: str,
    *,
    budget: int,
    seed: int,
    score: Callable[[Case], float],
) -> None:
    """Give `score` up to `budget` cases, chosen so that its result tends to grow.

    What is worth keeping, `score` keeps itself: the search returns nothing, shrinks
    nothing, stores nothing and prints nothing. The same seed and the same scores give
    the same cases on every machine.

    Args:
        loss: `mae`, `mse` or `cross_entropy`.
        dtype: One of `conformance.case.DTYPES`.
        budget: Calls of `score`, at most, each with another case.
        seed: Where the search starts.
        score: Called with each case. A case whose score is 0, not finite, or not
            below `REACHED` is not varied: nothing was measured, or can be gained.

    Raises:
        BaseException: Whatever `score` raises, at once.
    """
    parents: list[_Scored] = []
    tried: set[str] = set()
    for case in _candidates(loss, dtype, seed, parents, budget * _PATIENCE):
        if len(tried) == budget:
            return
        if case.id in tried:
            continue
        tried.add(case.id)
        result = float(score(case))
        if math.isfinite(result) and result != 0 and result < REACHED:
            parents.append(_Scored(result, case))


def drawn(loss: str, dtype: str, seed: int, index: int) -> Case:
    """Return case number `index` that the search of `seed` draws anew."""
    return draw_case(CounterChoices(seed, index, f"draw:{loss}:{dtype}"), loss, dtype)


def _candidates(
    loss: str, dtype: str, seed: int, parents: list[_Scored], count: int
) -> Iterator[Case]:
    """Yield cases drawn, or varied from `parents`, which grows meanwhile."""
    steering = CounterChoices(seed, 0, f"search:{loss}:{dtype}")
    drawings = 0
    for _ in range(count):
        varied = None
        if parents and steering.chance(1, 2):
            varied = vary(steering, _parent(steering, parents))
        if varied is None:
            varied = drawn(loss, dtype, seed, drawings)
            drawings += 1
        yield replace(varied, origin="search")


def _parent(choices: Choices, scored: list[_Scored]) -> Case:
    if choices.chance(1, 2):
        best = heapq.nlargest(_BEST, scored, key=lambda one: one.score)
        return choices.choice(best).case
    rivals = [choices.choice(scored) for _ in range(_RIVALS)]
    return max(rivals, key=lambda one: one.score).case
