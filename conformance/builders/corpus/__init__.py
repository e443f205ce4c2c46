"""The corpus: named cases, each with the reason why it is always run.

Most are written one by one. The systematic ones are made by the size, mask or layout
that they are about; some are large, and not run by every profile.
"""

from __future__ import annotations

from functools import cache

from conformance.builders.corpus import (
    bands,
    beside,
    blocks,
    caught,
    classes,
    combined,
    derivatives,
    differences,
    digits,
    invalid,
    limits,
    masking,
    masks,
    mean,
    memory,
    narrowing,
    pairs,
    plain,
    rare,
    refused,
    semantics,
    sizes,
    stagnation,
    sums,
    tutorial,
    vocabulary,
)
from conformance.builders.corpus.entry import Entry, NamedCase
from conformance.profiles import LEVELS

__all__ = ["ENTRIES", "SYSTEMATIC", "Entry", "NamedCase", "corpus", "named_cases"]

ENTRIES: tuple[Entry, ...] = (
    *tutorial.ENTRIES,
    *differences.ENTRIES,
    *classes.ENTRIES,
    *limits.ENTRIES,
    *masking.ENTRIES,
    *narrowing.ENTRIES,
    *sums.ENTRIES,
    *derivatives.ENTRIES,
    *invalid.ENTRIES,
    *semantics.ENTRIES,
    *caught.ENTRIES,
    *mean.ENTRIES,
    *beside.ENTRIES,
    *rare.ENTRIES,
    *refused.ENTRIES,
)
"""Every case written by itself; a new one is one entry in the module it belongs to."""

SYSTEMATIC: tuple[Entry, ...] = (
    *memory.ENTRIES,
    *masks.ENTRIES,
    *sizes.ENTRIES,
    *vocabulary.ENTRIES,
    *combined.ENTRIES,
    *pairs.ENTRIES,
    *rare.SIZES,
    *blocks.ENTRIES,
    *digits.ENTRIES,
    *stagnation.ENTRIES,
    *bands.ENTRIES,
    *plain.ENTRIES,
)
"""Every case made by a rule."""


@cache
def corpus(loss: str, dtype: str) -> tuple[NamedCase, ...]:
    """Return the cases of `loss` in `dtype` written by themselves, in that order."""
    return tuple(e.named(loss, dtype) for e in ENTRIES if e.applies(loss, dtype))


@cache
def named_cases(loss: str, dtype: str) -> tuple[NamedCase, ...]:
    """Return all named cases: those of `corpus`, then the systematic ones.

    What a smaller profile runs comes before what only a larger one does.
    """
    made = (e.named(loss, dtype) for e in SYSTEMATIC if e.applies(loss, dtype))
    return (*corpus(loss, dtype), *sorted(made, key=lambda n: LEVELS.index(n.least)))
