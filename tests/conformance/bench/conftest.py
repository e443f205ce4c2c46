"""A benchmark's data, made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.bench.promises import promises
from conformance.bench.workload import HEADLINE, VOCABULARY, Workload

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = Workload(2, 3, "float64")


def entry(workload: Workload, *, threads: int = 2, torch: bool = True) -> Any:
    """Return a workload on which the oracle does 2, 1 and 0.5 million logits/s."""
    own = {"oracle-40": 2e6, "oracle-80": 1e6, "oracle-rounded": 0.5e6}
    rivals = {"mpmath": 1e4, "flint": 2e5} | ({"torch": 2e7} if torch else {})
    timings, ratios = [], []
    for used in sorted({1, threads}):
        for name, speed in {**own, **rivals}.items():
            if used > 1 and name in ("mpmath", "flint"):
                continue
            share = 10 if name == "mpmath" else 1
            timings.append(timing(name, used, workload.logits // share, speed * used))
        ratios += [
            {"oracle": a, "rival": b, "threads": used, "median": own[a] / rivals[b]}
            for a in own
            for b in rivals
            if used == 1 or b == "torch"
        ]
    counts = {"40": 5, "80": 2, "more": 0}
    return {
        "rows": workload.rows,
        "classes": workload.classes,
        "dtype": workload.dtype,
        "logits": workload.logits,
        "timings": timings,
        "ratios": ratios,
        "peak_extra_bytes": {
            "oracle-40": 1 << 20,
            "oracle-80": 2 << 20,
            "oracle-rounded": 100 << 20,
        },
        "tiers": {n: dict(counts) for n in ("binary16", "binary32", "binary64")},
    }


def timing(name: str, threads: int, logits: int, speed: float) -> dict[str, Any]:
    """Return the timing of two rounds, the second at the speed given."""
    logits = max(logits, 1)
    return {
        "name": name,
        "threads": threads,
        "logits": logits,
        "seconds": [logits / speed, logits / speed * 2],
        "throughput": {"median": 0.75 * speed, "best": speed},
    }


def data(
    *,
    shapes: tuple[Workload, ...] = (SMALL, HEADLINE, VOCABULARY),
    cores: int = 2,
    torch: bool = True,
    **environment: Any,
) -> dict[str, Any]:
    """Return the data of a benchmark; keywords change its environment."""
    return {
        "schema": "loss-conformance-oracle-speed",
        "schema_version": 1,
        "program": "loss-conformance 1.2.3",
        "environment": {
            "python": "3.11.7",
            "implementation": "CPython",
            "platform": "Linux x86_64",
            "cpu": "A processor <of | one kind>",
            "cores": cores,
            "numpy": "2.4.6",
            "mpmath": "1.3.0",
            "mpmath_backend": "gmpy",
            "gmpy2": "2.3.2",
            "flint": "0.9.0",
            "torch": "2.13.0" if torch else None,
            **environment,
        },
        "absent": {} if torch else {"torch": "not installed"},
        "settings": {
            "largest": 1 << 20,
            "rounds": 2,
            "seconds": 0.1,
            "seed": 0,
            "spread": 3.0,
            "bits": {"mpmath": 53, "flint": 64},
        },
        "workloads": [entry(w, threads=cores, torch=torch) for w in shapes],
    }


def promised(made: dict[str, Any]) -> dict[str, Any]:
    """Return the data with its promises."""
    return {**made, "promises": [p.as_json() for p in promises(made)]}


@pytest.fixture(name="make")
def _make() -> Callable[..., dict[str, Any]]:
    """Return what makes the data of a benchmark without its promises."""
    return data


@pytest.fixture(name="complete")
def _complete() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what adds the promises."""
    return promised
