"""How near to its bound does a correct backend come by each method?"""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from methods import METHODS
from planted import LOSSES, correct

from conformance.answer import ask
from conformance.backend import execute
from conformance.builders.search import REACHED, drawn
from conformance.loading import load
from conformance.measure import examine
from conformance.verdict import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from methods import Method

    from conformance.backend import Backend
    from conformance.case import Case

DTYPE: Final = "float32"
CASES: Final = 100
LARGEST: Final = 10
_LEVEL: Final = 0.05
_WARM: Final = 10
"""Cases run beforehand: what is loaded at first use belongs to none."""


def judged(case: Case, backend: Backend) -> tuple[float, bool]:
    """Return the largest error/bound of a case, and whether the backend is refuted."""
    if backend.can_run(case) is not None:
        return 0.0, False
    made = examine(case, ask(case), backend, execute(backend, case))
    verdicts = [one.verdict for one in made]
    ratio = max((v.ratio for v in verdicts if v.measured), default=0.0)
    return ratio, any(v.status in FAILURES and v.quantity != "call" for v in verdicts)


@dataclass
class Scores:
    """What the correct NumPy backend scores, asked once for each case.

    Attributes:
        known: Case id → the largest error/bound.
    """

    known: dict[str, float] = field(default_factory=dict)

    def __call__(self, case: Case) -> float:
        """Return the largest error/bound of a case."""
        if case.id not in self.known:
            self.known[case.id], _ = judged(case, correct())
        return self.known[case.id]


@dataclass(frozen=True)
class Climb:
    """What one method reached with one seed.

    Attributes:
        scores: The largest error/bound, largest first; at most `REACHED`.
        below: The largest error/bound below `REACHED`.
        choosing: CPU milliseconds that choosing a case took.
        judging: CPU milliseconds that judging one took.
    """

    scores: tuple[float, ...]
    below: float
    choosing: float
    judging: float

    @property
    def best(self) -> float:
        """The largest error/bound; `REACHED` if the bound was reached."""
        return self.scores[0]

    @property
    def mean(self) -> float:
        """The mean of the largest few."""
        return math.fsum(self.scores) / len(self.scores)


Pairs: TypeAlias = dict[tuple[str, str], list[list[Climb]]]
"""Backend and loss → what was reached directed and undirected, seed by seed."""


def climb(backend: Backend, loss: str, method: Method, seed: int) -> Climb:
    """Run a method on a correct backend."""
    found: list[float] = []
    judging = 0.0

    def score(case: Case) -> float:
        nonlocal judging
        start = time.process_time()
        ratio, _ = judged(case, backend)
        judging += time.process_time() - start
        found.append(ratio)
        return ratio

    start = time.process_time()
    method(loss, DTYPE, CASES, seed, score)
    choosing = time.process_time() - start - judging
    scores = sorted((min(r, REACHED) for r in found), reverse=True)[:LARGEST]
    below = max((r for r in found if r < REACHED), default=0.0)
    each = 1000 / max(len(found), 1)
    return Climb(tuple(scores), below, choosing * each, judging * each)


def climbs(
    name: str, loss: str, methods: Sequence[str], seeds: int
) -> list[list[Climb]]:
    """Run methods on a backend with each seed."""
    backend = load(name)
    for index in range(_WARM):
        judged(drawn(loss, DTYPE, seeds, index), backend)
    return [
        [climb(backend, loss, METHODS[method], seed) for seed in range(seeds)]
        for method in methods
    ]


def pairs(seeds: int) -> Pairs:
    """Run the search and its own draws on each backend."""
    return {
        (name, loss): climbs(name, loss, ("directed", "undirected"), seeds)
        for name in ("numpy", "torch:cpu")
        for loss in LOSSES
    }


def sign_test(more: int, less: int) -> float:
    """Return how likely pairs are at least as uneven, if both were equally likely."""
    count, few = more + less, min(more, less)
    tail = math.fsum(math.comb(count, k) for k in range(few + 1)) / 2**count
    return min(1.0, 2 * tail)


def verdict(more: int, less: int) -> str:
    """Return `better`, `a draw` or `worse`, by the sign test at one in twenty."""
    if sign_test(more, less) >= _LEVEL:
        return "a draw"
    return "better" if more > less else "worse"


def _signs(ours: Sequence[float], theirs: Sequence[float]) -> tuple[int, int]:
    paired = list(zip(ours, theirs, strict=True))
    return sum(a > b for a, b in paired), sum(a < b for a, b in paired)


def concluded(found: Pairs, what: str) -> str:
    """Return for which backends and losses the search is better, and for which not."""
    cells: dict[str, list[str]] = {}
    for (name, loss), runs in found.items():
        signs = _signs(*([getattr(c, what) for c in run] for run in runs))
        cells.setdefault(verdict(*signs), []).append(f"{name} {loss}")
    return "; ".join(f"{word} for {', '.join(where)}" for word, where in cells.items())


def compared(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Return cells: medians, median difference, pairs won, tied and lost, and p."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    more, less = _signs(ours, theirs)
    cells = [
        f"{statistics.median(ours):.3f}",
        f"{statistics.median(theirs):.3f}",
        f"{statistics.median(differences):+.3f}",
        f"{more}/{len(differences) - more - less}/{less}",
        f"{sign_test(more, less):.2g}",
    ]
    return " | ".join(cells)


def paired_table(found: Pairs, what: str) -> Iterator[str]:
    """Yield the table of `best`, `below` or `mean`, directed against undirected."""
    yield (
        "| backend | loss | directed | undirected | difference | won/tied/lost | p |"
    )
    yield "|---|---|---|---|---|---|---|"
    for (name, loss), (ours, theirs) in found.items():
        cells = compared(*([getattr(c, what) for c in run] for run in (ours, theirs)))
        yield f"| {name} | {loss} | {cells} |"


def cost_table(
    found: Pairs,
) -> Iterator[str]:
    """Yield what choosing and judging a case costs."""
    yield (
        "| backend | loss | choosing: directed | undirected "
        "| judging: directed | undirected |"
    )
    yield "|---|---|---|---|---|---|"
    for (name, loss), runs in found.items():
        cells = [
            f"{statistics.fmean(getattr(c, what) for c in run):.2f}"
            for what in ("choosing", "judging")
            for run in runs
        ]
        yield f"| {name} | {loss} | {' | '.join(cells)} |"


def methods_table(found: Pairs, seeds: int) -> Iterator[str]:
    """Yield the table of all methods on the NumPy backend, with the first seeds."""
    yield f"| loss | {' | '.join(METHODS)} |"
    yield "|---" * (1 + len(METHODS)) + "|"
    for loss in LOSSES:
        runs = [list(run[:seeds]) for run in found["numpy", loss]]
        runs += climbs("numpy", loss, list(METHODS)[2:], seeds)
        cells = [
            f"{statistics.median(c.below for c in run):.3f} "
            f"({statistics.median(c.mean for c in run):.2f})"
            for run in runs
        ]
        yield f"| {loss} | {' | '.join(cells)} |"
