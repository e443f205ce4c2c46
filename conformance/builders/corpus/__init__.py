"""The corpus: named cases, each with the reason why it is always run."""

from __future__ import annotations

from functools import cache

from conformance.builders.corpus import (
    caught,
    classes,
    differences,
    invalid,
    limits,
    masking,
    sums,
    tutorial,
)
from conformance.builders.corpus.entry import Entry, NamedCase

__all__ = ["ENTRIES", "Entry", "NamedCase", "corpus"]

ENTRIES: tuple[Entry, ...] = (
    *tutorial.ENTRIES,
    *differences.ENTRIES,
    *classes.ENTRIES,
    *limits.ENTRIES,
    *masking.ENTRIES,
    *sums.ENTRIES,
    *invalid.ENTRIES,
    *caught.ENTRIES,
)
"""Every entry; a new case is one entry in the module it belongs to."""


@cache
def corpus(loss: str, dtype: str) -> tuple[NamedCase, ...]:
    """Return the named cases of `loss` in `dtype`, in the order they are written."""
    return tuple(e.named(loss, dtype) for e in ENTRIES if e.applies(loss, dtype))
