"""The benchmark: every workload measured, as plain data that reports are made of.

`loss-conformance bench --schema` describes every field.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conformance.bench import machine
from conformance.bench.contender import BITS, ORACLE, RIVALS, absent, contenders
from conformance.bench.demand import FORMATS, peak_extra, tiers
from conformance.bench.promises import promises
from conformance.bench.race import race, ratio
from conformance.bench.workload import SPREAD, draw, workloads
from conformance.environment import DISTRIBUTION, own_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.bench.contender import Contender
    from conformance.bench.race import Timing
    from conformance.bench.workload import Inputs, Workload

SCHEMA: Final = "loss-conformance-oracle-speed"
VERSION: Final = 1


@dataclass(frozen=True)
class Settings:
    """What to measure.

    Attributes:
        largest: The most logits in a workload.
        rounds: How many times each contender is timed on a workload.
        seconds: What a contender too slow for the whole input may take in a round.
        seed: Of all numbers.
    """

    largest: int
    rounds: int
    seconds: float
    seed: int


def run(settings: Settings, observe: Callable[[str], None]) -> dict[str, Any]:
    """Return all figures; `observe` is told what is being measured."""
    cores, entries = machine.cores(), []
    field = contenders(cores)
    for workload in workloads(settings.largest):
        observe(str(workload))
        entries.append(_measure(workload, field, settings, cores))
    data = {
        "schema": SCHEMA,
        "schema_version": VERSION,
        "program": f"{DISTRIBUTION} {own_version()}",
        "environment": machine.describe(),
        "absent": absent(),
        "settings": _settings(settings),
        "workloads": entries,
    }
    return {**data, "promises": [p.as_json() for p in promises(data)]}


def _settings(settings: Settings) -> dict[str, Any]:
    return {
        "largest": settings.largest,
        "rounds": settings.rounds,
        "seconds": settings.seconds,
        "seed": settings.seed,
        "spread": SPREAD,
        "bits": dict(BITS),
    }


def _measure(
    workload: Workload, field: Sequence[Contender], settings: Settings, cores: int
) -> dict[str, Any]:
    inputs = draw(workload, settings.seed)
    timings = race(field, inputs, settings.rounds, settings.seconds)
    return {
        "rows": workload.rows,
        "classes": workload.classes,
        "dtype": workload.dtype,
        "logits": workload.logits,
        "timings": [_timing(t) for t in timings],
        "ratios": list(_ratios(timings)),
        "peak_extra_bytes": _peaks(inputs, cores),
        "tiers": {name: tiers(inputs, name, cores) for name in FORMATS},
    }


def _timing(timing: Timing) -> dict[str, Any]:
    return {
        "name": timing.name,
        "threads": timing.threads,
        "logits": timing.logits,
        "seconds": list(timing.seconds),
        "throughput": {
            "median": statistics.median(timing.throughputs),
            "best": max(timing.throughputs),
        },
    }


def _ratios(timings: Sequence[Timing]) -> Iterator[dict[str, Any]]:
    """Yield how the oracle compares with each rival that uses as many threads."""
    for ours in timings:
        for theirs in timings:
            if ours.name not in ORACLE or theirs.name not in RIVALS:
                continue
            if ours.threads == theirs.threads:
                yield {
                    "oracle": ours.name,
                    "rival": theirs.name,
                    "threads": ours.threads,
                    "median": ratio(ours, theirs),
                }


def _peaks(inputs: Inputs, cores: int) -> dict[str, int]:
    return {n: peak_extra(partial(_ask, n, inputs, cores)) for n in ORACLE}


def _ask(name: str, inputs: Inputs, cores: int) -> object:
    return ORACLE[name](cores, inputs)()
