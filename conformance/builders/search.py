"""The search: cases drawn, climbed to and swept, a third of each.

Drawn are the cases that the undirected generation of the same seed begins with.
Climbing varies a case that scored well, three times in four the best descendant of one
of the four best draws, else the best of three cases at random. Sweeping takes a draw to
the next sizes, binades, gaps, labels and counts: a fault with a rare trigger does not
show in the scores of the cases around it. A case that cannot be varied so is drawn.

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
from conformance.builders.sweeps import Sweep
from conformance.builders.variations import vary

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Case

REACHED: Final = 0.999
"""A score of error/bound: there the bound is reached, and nothing is left to climb."""

_RIVALS: Final = 3
_BEST: Final = 4
_PATIENCE: Final = 20
"""Candidates looked at for each case scored: variations repeat, or cannot be made."""


@dataclass(frozen=True)
class _Candidate:
    """A case, and the number of the draw that it comes from.

    Attributes:
        case: The case.
        root: Cases that vary the same draw, or one another, have the same number.
        drawn: Is it this draw itself?
    """

    case: Case
    root: int
    drawn: bool = False


@dataclass(frozen=True)
class _Scored:
    score: float
    candidate: _Candidate


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
    evolution = _Evolution(loss, dtype, seed)
    tried: set[str] = set()
    for turn in range(budget * _PATIENCE):
        if len(tried) == budget:
            return
        candidate = evolution.propose(turn)
        if candidate.case.id in tried:
            continue
        tried.add(candidate.case.id)
        evolution.learn(float(score(candidate.case)), candidate)


def drawn(loss: str, dtype: str, seed: int, index: int) -> Case:
    """Return case number `index` that the search of `seed` draws anew."""
    return draw_case(CounterChoices(seed, index, f"draw:{loss}:{dtype}"), loss, dtype)


class _Evolution:
    """What was scored so far, and from it what comes next."""

    def __init__(self, loss: str, dtype: str, seed: int) -> None:
        self._cell = (loss, dtype, seed)
        self._steering = CounterChoices(seed, 0, f"search:{loss}:{dtype}")
        self._sweep = Sweep(seed, loss, dtype)
        self._drawings = 0
        self._scored: list[_Scored] = []
        self._draws: list[_Candidate] = []
        self._best: dict[int, _Scored] = {}

    def propose(self, turn: int) -> _Candidate:
        ways = (self._drawn, self._climbed, self._swept)
        found = ways[turn % len(ways)]() if self._draws else None
        return found or self._drawn()

    def learn(self, score: float, candidate: _Candidate) -> None:
        if not math.isfinite(score) or score == 0 or score >= REACHED:
            return
        scored = _Scored(score, candidate)
        self._scored.append(scored)
        if candidate.drawn:
            self._draws.append(candidate)
        before = self._best.get(candidate.root)
        if before is None or before.score <= score:
            self._best[candidate.root] = scored

    def _drawn(self) -> _Candidate:
        number = self._drawings
        self._drawings += 1
        return _Candidate(_searched(drawn(*self._cell, number)), number, drawn=True)

    def _climbed(self) -> _Candidate | None:
        parent = self._parent().candidate
        varied = vary(self._steering, parent.case)
        return _Candidate(_searched(varied), parent.root) if varied else None

    def _parent(self) -> _Scored:
        if self._steering.chance(3, 4):
            found = heapq.nlargest(_BEST, self._best.values(), key=_score)
            return self._steering.choice(found)
        rivals = [self._steering.choice(self._scored) for _ in range(_RIVALS)]
        return max(rivals, key=_score)

    def _swept(self) -> _Candidate | None:
        base = self._steering.choice(self._draws)
        varied = self._sweep.vary(self._steering, base.case)
        return _Candidate(_searched(varied), base.root) if varied else None


def _score(scored: _Scored) -> float:
    return scored.score


def _searched(case: Case) -> Case:
    return replace(case, origin="search")
