"""Timing contenders side by side: rounds of A B C, never A A A, then B B B."""

from __future__ import annotations

import gc
import math
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.bench.contender import Contender, Task
    from conformance.bench.workload import Inputs

    Clock = Callable[[], float]

PROBE: Final = 1 << 10
"""Logits by which the speed of slow contenders is estimated first."""

TURN: Final = 0.05
"""Seconds that a turn lasts at least: what is brief runs several times in it."""

MOST: Final = 100
"""Runs in a turn."""

_TICK: Final = 1e-9


@dataclass(frozen=True)
class Timing:
    """What one contender took.

    Attributes:
        name: The contender's.
        threads: How many it could use.
        logits: How many it was really given.
        seconds: Of one run, for each round.
    """

    name: str
    threads: int
    logits: int
    seconds: tuple[float, ...]

    @property
    def throughputs(self) -> tuple[float, ...]:
        """Logits per second, for each round."""
        return tuple(self.logits / s for s in self.seconds)


def ratio(one: Timing, other: Timing) -> float:
    """Return how many times as fast as `other` `one` is.

    The median of the ratios inside each round: what slows down the whole machine for a
    while does not change them.
    """
    pairs = zip(one.throughputs, other.throughputs, strict=True)
    return statistics.median(a / b for a, b in pairs)


def race(
    contenders: Sequence[Contender],
    inputs: Inputs,
    rounds: int,
    seconds: float,
    clock: Clock = time.perf_counter,
) -> tuple[Timing, ...]:
    """Return the timings of all contenders, in their order.

    Each has its turn once in every round; who starts changes from round to round, so
    that nobody always follows the same other.

    Args:
        contenders: Who takes part.
        inputs: What all of them are given.
        rounds: How many times each is timed, at least 1.
        seconds: What a sampled contender may take in a turn, about.
        clock: Returns seconds.
    """
    times: list[list[float]] = [[] for _ in contenders]
    with _no_collections():
        entries = [_entry(c, inputs, seconds, clock) for c in contenders]
        for shift in range(rounds):
            for k in range(len(entries)):
                turn = (k + shift) % len(entries)
                times[turn].append(entries[turn].turn(clock))
    return tuple(
        Timing(c.name, c.threads, entry.logits, tuple(taken))
        for c, entry, taken in zip(contenders, entries, times, strict=True)
    )


@dataclass(frozen=True, eq=False)
class _Entry:
    """What is timed: a task, its size, and how many times it runs in a turn."""

    task: Task
    logits: int
    repeats: int

    def turn(self, clock: Clock) -> float:
        """Return the mean seconds of the task in one turn."""
        gc.collect()
        if self.repeats > 1:
            # Others have used the caches, and the threads of a pool have gone to sleep.
            self.task()
        return sum(_timed(self.task, clock) for _ in range(self.repeats)) / self.repeats


def _entry(
    contender: Contender, inputs: Inputs, seconds: float, clock: Clock
) -> _Entry:
    """Return a task that is warm."""
    if contender.sampled:
        probe = inputs.cut(PROBE)
        task = contender.prepare(probe)
        task()
        speed = probe.size / max(_timed(task, clock), _TICK)
        inputs = inputs.cut(min(max(int(speed * seconds), PROBE), inputs.size))
    task = contender.prepare(inputs)
    task()
    repeats = math.ceil(TURN / max(_timed(task, clock), _TICK))
    return _Entry(task, inputs.size, min(repeats, MOST))


def _timed(task: Task, clock: Clock) -> float:
    start = clock()
    answer = task()
    end = clock()
    del answer  # after the clock has stopped: nobody is charged for giving back memory
    return end - start


@contextmanager
def _no_collections() -> Iterator[None]:
    """Keep the garbage collector from running while somebody is timed."""
    before = gc.isenabled()
    gc.disable()
    gc.freeze()  # collections between turns need not look at what was there before
    try:
        yield
    finally:
        gc.unfreeze()
        if before:
            gc.enable()
