"""Is the directed search worth its cases? Write the comparison to a Markdown file.

Two questions, each asked of the same number of cases with several seeds:

- how near to its bound does a correct backend come (numpy, torch:cpu);
- which planted faults with a rare trigger are found.

Run as `python tests/benchmarks/search.py reports/search.md`; it takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from climbing import (
    CASES,
    DTYPE,
    LARGEST,
    Pairs,
    Scores,
    cost_table,
    methods_table,
    paired_table,
    pairs,
)
from climbing import (
    concluded as climbed,
)
from drawn_faults import drawn_faults
from killing import Kills, by_family, by_fault, kills, summary
from killing import concluded as killed
from planted import NAMED

from conformance.builders.search import REACHED

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS: Final = 12
Sets: TypeAlias = dict[str, list[Kills]]
DRAWN: Final = 48
"""Faults drawn for tuning, and as many that were held out."""


def climbing(found: Pairs, seeds: int) -> Iterator[str]:
    """Yield the section on error/bound."""
    few = max(seeds // 4, 1)
    yield f"## How near to the bound, {CASES} cases, {DTYPE}"
    yield ""
    yield f"Medians over {seeds} seeds, with the median of the paired differences. `p`"
    yield "is the two-sided sign test over the seeds that are not tied."
    yield ""
    yield f"The largest error/bound; {REACHED} and more count as reached, so as equal:"
    yield ""
    yield from paired_table(found, "best")
    yield ""
    yield f"The largest error/bound below {REACHED}. Above are cases where the bound is"
    yield "reached by construction, as by saturated rows of cross-entropy:"
    yield ""
    yield from paired_table(found, "below")
    yield ""
    yield f"The mean of the {LARGEST} largest, again at most {REACHED}:"
    yield ""
    yield from paired_table(found, "mean")
    yield ""
    yield (
        f"Beside Hypothesis, numpy, over the first of the seeds ({few}): the median of"
    )
    yield f"the largest below {REACHED}, and in brackets of the mean of the {LARGEST}"
    yield "largest."
    yield ""
    yield from methods_table(found, few)
    yield ""
    yield "## What a case costs"
    yield ""
    yield "Milliseconds of CPU time a case, in the mean."
    yield ""
    yield from cost_table(found)
    yield ""


def planted(seeds: int) -> Sets:
    """Look for all the planted faults: name of the set → what was found."""
    scores = Scores()
    sets = {
        "named": NAMED,
        "tuning": drawn_faults("tune", DRAWN),
        "held-out": drawn_faults("held-out", DRAWN),
    }
    return {name: kills(faults, seeds, scores) for name, faults in sets.items()}


def killing(sets: Sets, seeds: int) -> Iterator[str]:
    """Yield the section on planted faults."""
    yield f"## Planted faults with a rare trigger, {CASES} cases, {DTYPE}"
    yield ""
    yield "The fault is a result that is a quarter too large; what is rare is the case"
    yield "where it shows, of which the score of the other cases knows nothing. The"
    yield "search was tuned with the named faults and the tuning set; the triggers of"
    yield "the held-out set are drawn at random from the same families by another seed."
    yield "`p` is the sign test over the faults that one method finds in more seeds."
    yield ""
    yield (
        "| set | faults | directed finds | undirected finds "
        "| faults won/tied/lost | p | never found undirected | of these, directed |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for name, found in sets.items():
        yield summary(name, found, seeds)
    yield ""
    yield f"The named ones, in how many of {seeds} seeds they were found:"
    yield ""
    yield from by_fault(sets["named"])
    yield ""
    yield "Those with drawn triggers, by family, and of how many runs."
    yield ""
    yield (
        "| family | tuning: directed | undirected | of "
        "| held out: directed | undirected | of |"
    )
    yield "|---|---|---|---|---|---|---|"
    yield from by_family((sets["tuning"], sets["held-out"]), seeds)
    yield ""


PREFACE: Final = """# Directed search against undirected generation

Written by `tox -e search`. Undirected cases are those that the search of the same seed
would draw if it varied none; the search begins with the same ones, so that seeds pair.
"""


def conclusions(found: Pairs, sets: Sets) -> Iterator[str]:
    """Yield where the search is better, where not, in short."""
    yield "The search against undirected generation, at the same number of cases; a"
    yield "draw is what the sign test cannot tell apart at one in twenty:"
    yield ""
    yield f"- The largest error/bound: {climbed(found, 'best')}."
    yield f"- The largest below {REACHED}: {climbed(found, 'below')}."
    yield f"- The mean of the {LARGEST} largest: {climbed(found, 'mean')}."
    for name in ("tuning", "held-out"):
        yield f"- Rare triggers, {name} set: {killed(sets[name])}."
    yield ""


def report(seeds: int) -> str:
    """Return the whole text."""
    few = max(seeds // 2, 1)
    found, sets = pairs(seeds), planted(few)
    lines = [
        PREFACE,
        *conclusions(found, sets),
        *climbing(found, seeds),
        *killing(sets, few),
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Write the report to the file named first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    given = parser.parse_args(arguments)
    given.file.write_text(report(given.seeds), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
