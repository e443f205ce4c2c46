"""Is the directed search worth its cases? Write the comparison to a Markdown file.

Two questions, each asked of the same number of cases with several seeds:

- how near to its bound does a correct backend come (numpy, torch:cpu);
- which planted faults with a rare trigger are found.

Run as `python tests/benchmarks/search.py reports/search.md`; it takes some minutes.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, strategies

from conformance.answer import ask
from conformance.backend import Output, execute
from conformance.builders.cases import draw_case
from conformance.builders.choices import DrawnChoices
from conformance.builders.search import drawn, search
from conformance.loading import load
from conformance.measure import examine
from conformance.verdict import FAILURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.case import Case

    Score = Callable[[Case], float]
    Method = Callable[[str, str, int, int, Score], None]

LOSSES: Final = ("mae", "mse", "cross_entropy")
DTYPE: Final = "float32"
CASES: Final = 100
PLANTED_CASES: Final = 100
REPEATS: Final = 3
LARGEST: Final = 10


class _EnoughError(Exception):
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
            max_examples=REPEATS * count,
            phases=(Phase.generate, Phase.target) if target else (Phase.generate,),
            database=None,
            deadline=None,
            suppress_health_check=tuple(HealthCheck),
        )
        @hypothesis.given(cases())
        def probe(case: Case) -> None:
            if case.id not in known:
                if len(known) == count:
                    raise _EnoughError
                known[case.id] = score(case)
            if target and math.isfinite(known[case.id]):
                hypothesis.target(known[case.id])

        try:
            probe()
        except _EnoughError:
            return

    return method


METHODS: Final[Mapping[str, Method]] = {
    "directed": directed,
    "undirected": undirected,
    "Hypothesis, target": _hypothesis(target=True),
    "Hypothesis, draws": _hypothesis(target=False),
}


def judged(case: Case, backend: Backend) -> tuple[float, bool]:
    """Return the largest error/bound of a case, and whether the backend is refuted."""
    if backend.can_run(case) is not None:
        return 0.0, False
    made = examine(case, ask(case), backend, execute(backend, case))
    verdicts = [one.verdict for one in made]
    ratio = max((v.ratio for v in verdicts if v.measured), default=0.0)
    return ratio, any(v.status in FAILURES and v.quantity != "call" for v in verdicts)


def climb(backend: Backend, loss: str, method: Method, seed: int) -> list[float]:
    """Return the largest error/bound below 1 that a method reaches, largest first.

    At 1 are the cases where the bound is the exact loss of a saturated row: they are
    reached by every method, at once.
    """
    found: list[float] = []

    def score(case: Case) -> float:
        ratio, _ = judged(case, backend)
        found.append(ratio)
        return ratio

    method(loss, DTYPE, CASES, seed, score)
    return sorted((r for r in found if r < 1), reverse=True)[:LARGEST]


@dataclass(frozen=True)
class Planted:
    """The NumPy backend with a gross fault that shows only in some cases.

    Attributes:
        name: When it shows.
        loss: The loss that has it.
        trigger: Does it show in this case?
    """

    name: str
    loss: str
    trigger: Callable[[Case], bool]

    @property
    def capabilities(self) -> Any:
        """Those of the NumPy backend."""
        return correct().capabilities

    def can_run(self, case: Case) -> str | None:
        """Run what the NumPy backend runs."""
        return correct().can_run(case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the right answer, or a quarter more of it where the fault shows."""
        right = correct().run(case, buffers)
        if right.value is None or not self.trigger(case):
            return right
        more = right.value.dtype.type(1.25)
        with np.errstate(all="ignore"):
            gradients = {k: g * more for k, g in right.gradients.items()}
            return Output(np.asarray(right.value * more), gradients)


@cache
def correct() -> Backend:
    """Return the backend without a fault."""
    return load("numpy")


def _input(case: Case) -> NDArray[np.float64]:
    return case.arguments["input"].view().astype(np.float64)


def _top(case: Case) -> float:
    values = np.abs(_input(case))
    return float(values[np.isfinite(values)].max(initial=0.0))


def _least_difference(case: Case) -> float:
    target = case.arguments["target"].view().astype(np.float64)
    if target.shape != _input(case).shape:
        return 0.0
    with np.errstate(invalid="ignore"):
        size = np.abs(_input(case) - target)
    return float(size[size > 0].min(initial=math.inf))


def _indices(case: Case) -> NDArray[np.int64]:
    target = case.arguments["target"]
    return target.view() if target.dtype == "int64" else np.zeros(0, np.int64)


def _classes(case: Case) -> int:
    shape = case.arguments["input"].shape
    return shape[min(1, len(shape) - 1)]


def _gap(case: Case) -> float:
    """Return how far the target of the first row is behind, in a table of rows."""
    x, y = _input(case), _indices(case)
    if x.ndim != 2 or not y.size or not 0 <= y.flat[0] < x.shape[1]:
        return 0.0
    with np.errstate(invalid="ignore"):
        return float(x[0].max() - x[0, y.flat[0]])


def _count(case: Case) -> int:
    return math.prod(case.arguments["input"].shape)


def _ignored(case: Case) -> int:
    return int((_indices(case) == case.options.get("ignore_index", -100)).sum())


PLANTED: Final = (
    Planted("largest input in one binade, 2^18", "mae", lambda c: _in(_top(c), 18)),
    Planted("largest input in one binade, 2^-21", "mse", lambda c: _in(_top(c), -21)),
    Planted(
        "least difference in one binade, 2^-13",
        "mse",
        lambda c: _in(_least_difference(c), -13),
    ),
    Planted("n = 23 mod 32, above 32", "mae", lambda c: _residue(_count(c), 32, 23)),
    Planted("n = 13 mod 16, above 16", "mse", lambda c: _residue(_count(c), 16, 13)),
    Planted("n from 100 to 120", "mae", lambda c: 100 <= _count(c) <= 120),
    Planted("29 classes", "cross_entropy", lambda c: _classes(c) == 29),
    Planted("66 to 96 classes", "cross_entropy", lambda c: 66 <= _classes(c) <= 96),
    Planted("class 11", "cross_entropy", lambda c: bool((_indices(c) == 11).any())),
    Planted("target behind by 60 to 61", "cross_entropy", lambda c: 60 < _gap(c) < 61),
    Planted(
        "target behind by 5.0 to 5.1", "cross_entropy", lambda c: 5 < _gap(c) < 5.1
    ),
    Planted("11 rows ignored", "cross_entropy", lambda c: _ignored(c) == 11),
    Planted(
        "largest logit in one binade, 2^11",
        "cross_entropy",
        lambda c: _in(_top(c), 11),
    ),
    Planted(
        "rows = 27 mod 32",
        "cross_entropy",
        lambda c: (_count(c) // max(_classes(c), 1)) % 32 == 27,
    ),
)


def _in(size: float, exponent: int) -> bool:
    return 2.0**exponent <= size < 2.0 ** (exponent + 1)


def _residue(count: int, period: int, rest: int) -> bool:
    return count > period and count % period == rest


def killed(planted: Planted, method: Method, seed: int) -> bool:
    """Does a method come to a case that refutes the planted fault?"""

    def score(case: Case) -> float:
        shows = planted.trigger(case)
        if method is undirected and not shows:
            return 0.0  # nobody asks for the score
        ratio, refuted = judged(case, planted)
        if shows and refuted:
            raise _EnoughError
        return ratio

    try:
        method(planted.loss, DTYPE, PLANTED_CASES, seed, score)
    except _EnoughError:
        return True
    return False


def climbing(seeds: int) -> Iterator[str]:
    """Yield the table of what correct backends reach."""
    yield f"| backend | loss | {' | '.join(METHODS)} |"
    yield "|---" * (2 + len(METHODS)) + "|"
    for name, methods in (("numpy", list(METHODS)), ("torch:cpu", list(METHODS)[:2])):
        for loss in LOSSES:
            cells = [reached(name, loss, METHODS[m], seeds) for m in methods]
            cells += ["–"] * (len(METHODS) - len(cells))
            yield f"| {name} | {loss} | {' | '.join(cells)} |"


def reached(name: str, loss: str, method: Method, seeds: int) -> str:
    """Return the median largest error/bound, and that of the mean of the largest."""
    runs = [climb(load(name), loss, method, seed) for seed in range(seeds)]
    best = statistics.median(max(run, default=0.0) for run in runs)
    ten = statistics.median(math.fsum(run) / max(len(run), 1) for run in runs)
    return f"{best:.3f} ({ten:.2f})"


def killing(seeds: int) -> Iterator[str]:
    """Yield the table of planted faults, and the sums."""
    yield "| loss | fault shows where | directed | undirected |"
    yield "|---|---|---|---|"
    sums = [0, 0]
    for planted in PLANTED:
        kills = [
            sum(killed(planted, method, seed) for seed in range(seeds))
            for method in (directed, undirected)
        ]
        sums = [a + b for a, b in zip(sums, kills, strict=True)]
        yield f"| {planted.loss} | {planted.name} | {kills[0]} | {kills[1]} |"
    yield f"| all | of {seeds * len(PLANTED)} | {sums[0]} | {sums[1]} |"


def report(seeds: int) -> str:
    """Return the whole text."""
    return "\n".join(
        [
            "# Directed search against undirected generation",
            "",
            "Written by `tox -e search`. Undirected cases are those that the search of",
            "the same seed would draw if it varied none. A case costs the same in any",
            "method, apart from Hypothesis' own time.",
            "",
            f"## How near to the bound, {CASES} cases, {DTYPE}",
            "",
            f"Median over {seeds} seeds of the largest error/bound below 1, and in",
            f"brackets of the mean of the {LARGEST} largest.",
            "",
            *climbing(seeds),
            "",
            f"## Planted faults with a rare trigger, {PLANTED_CASES} cases",
            "",
            f"In how many of {seeds} seeds the fault was found. The fault is a result",
            "that is a quarter too large; what is rare is the case where it shows, of",
            "which the score knows nothing.",
            "",
            *killing(seeds),
            "",
        ]
    )


def main(arguments: list[str]) -> None:
    """Write the report to the file named first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args(arguments)
    given.file.write_text(report(given.seeds), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
