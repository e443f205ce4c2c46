"""Which planted faults does each method find?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from climbing import CASES, DTYPE, judged, sign_test, verdict
from methods import EnoughError, directed, undirected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from climbing import Scores
    from methods import Method
    from planted import Planted

    from conformance.case import Case


@dataclass(frozen=True)
class Kills:
    """In how many seeds a fault was found."""

    planted: Planted
    directed: int
    undirected: int


def killed(planted: Planted, method: Method, seed: int, scores: Scores) -> bool:
    """Does a method come to a case that refutes the planted fault?"""

    def score(case: Case) -> float:
        if not planted.trigger(case):
            # Here it is the correct backend. Nobody asks what a draw scores.
            return 0.0 if method is undirected else scores(case)
        ratio, refuted = judged(case, planted)
        if refuted:
            raise EnoughError
        return ratio

    try:
        method(planted.loss, DTYPE, CASES, seed, score)
    except EnoughError:
        return True
    return False


def kills(faults: Sequence[Planted], seeds: int, scores: Scores) -> list[Kills]:
    """Return for each fault in how many seeds it was found."""
    return [
        Kills(
            planted,
            *(
                sum(killed(planted, method, seed, scores) for seed in range(seeds))
                for method in (directed, undirected)
            ),
        )
        for planted in faults
    ]


def by_fault(found: Sequence[Kills]) -> Iterator[str]:
    """Yield a line for each fault, as a table."""
    yield "| loss | fault shows where | directed | undirected |"
    yield "|---|---|---|---|"
    for one in found:
        name = f"{one.planted.loss} | {one.planted.name}"
        yield f"| {name} | {one.directed} | {one.undirected} |"


def by_family(sets: Sequence[Sequence[Kills]], seeds: int) -> Iterator[str]:
    """Yield a line for each family of the tuning set and the held-out set."""
    ours, theirs, runs = (
        [Counter[str]() for _ in sets],
        [Counter[str]() for _ in sets],
        [Counter[str]() for _ in sets],
    )
    for i, found in enumerate(sets):
        for one in found:
            ours[i][one.planted.family] += one.directed
            theirs[i][one.planted.family] += one.undirected
            runs[i][one.planted.family] += seeds
    for family in sorted(set().union(*runs)):
        cells = (
            f"{ours[i][family]} | {theirs[i][family]} | {runs[i][family]}"
            for i in range(len(sets))
        )
        yield f"| {family} | {' | '.join(cells)} |"


def _won(found: Sequence[Kills]) -> tuple[int, int]:
    more = sum(one.directed > one.undirected for one in found)
    return more, sum(one.directed < one.undirected for one in found)


def concluded(found: Sequence[Kills]) -> str:
    """Return whether the search finds more of a set, and of which families fewer."""
    families = dict.fromkeys(one.planted.family for one in found)
    behind = [
        family
        for family in families
        if sum(k.directed - k.undirected for k in found if k.planted.family == family)
        < 0
    ]
    fewer = f"; fewer by {', '.join(behind)}" if behind else ""
    return f"{verdict(*_won(found))}{fewer}"


def summary(name: str, found: Sequence[Kills], seeds: int) -> str:
    """Return a line of sums over a set of faults."""
    ours = sum(one.directed for one in found)
    theirs = sum(one.undirected for one in found)
    more, less = _won(found)
    rare = [one for one in found if not one.undirected]
    runs = seeds * len(found)
    return (
        f"| {name} | {len(found)} | {ours / runs:.0%} | {theirs / runs:.0%} | "
        f"{more}/{len(found) - more - less}/{less} | {sign_test(more, less):.2g} | "
        f"{len(rare)} | {sum(one.directed > 0 for one in rare)} |"
    )
