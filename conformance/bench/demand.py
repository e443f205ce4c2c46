"""What else an answer takes: memory, and finer arithmetic for some elements."""

from __future__ import annotations

import gc
import math
import tracemalloc
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.bench.oracle import rounded
from reference.precision import TIERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.bench.workload import Inputs

FORMATS: Final = ("binary16", "binary32", "binary64")

TIER_NAMES: Final = (*map(str, TIERS), "more")
"""Relative bits that decide: of float64, of double words, and beyond, of mpmath."""


def peak_extra(task: Callable[[], object]) -> int:
    """Return the most bytes that a task holds beyond the arrays it returns.

    What was allocated before, its inputs above all, is not counted. The task runs once
    before: what it builds once in a process is no part of it.
    """
    task()
    gc.collect()
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    answer = task()
    _, peak = tracemalloc.get_traced_memory()
    if not tracing:
        tracemalloc.stop()
    return peak - before - stored(answer)


def stored(answer: object) -> int:
    """Return the bytes of all arrays in an answer; each counts once."""
    found = {id(a): a for a in _arrays(answer)}
    return sum(map(_bytes, found.values()))


def _arrays(answer: object) -> Iterator[np.ndarray[Any, Any]]:
    if isinstance(answer, np.ndarray):
        yield answer
    elif isinstance(answer, list | tuple):
        for part in answer:
            yield from _arrays(part)
    elif is_dataclass(answer):
        for each in fields(answer):
            yield from _arrays(getattr(answer, each.name))


def _bytes(array: np.ndarray[Any, Any]) -> int:
    # An axis that only repeats takes no memory.
    lengths = zip(array.shape, array.strides, strict=True)
    count: int = math.prod(length for length, stride in lengths if stride)
    return array.itemsize * count


def tiers(inputs: Inputs, name: str, threads: int) -> dict[str, int]:
    """Return how many elements of loss and gradient took how many bits to be rounded.

    The keys are `TIER_NAMES`; an element counts where its rounding into the format of
    that name was decided.
    """
    counts = dict.fromkeys(TIER_NAMES, 0)
    for answer in rounded(name, threads, inputs)():
        for bits in TIERS:
            counts[str(bits)] += int((answer.bits == bits).sum())
        counts[TIER_NAMES[-1]] += int((~np.isin(answer.bits, TIERS)).sum())
    return counts
