"""What the oracle promises of its speed, beside what was measured.

Figures, not verdicts: how fast a machine is decides them as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.bench.demand import TIER_NAMES
from conformance.bench.workload import HEADLINE, VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.bench.workload import Workload

MIB: Final = 1 << 20
LEAST: Final = "at least"
MOST: Final = "at most"

_TWO: Final = 2
_GMPY: Final = "gmpy"


@dataclass(frozen=True)
class Promise:
    """A limit and a figure.

    Attributes:
        statement: What is measured, in words.
        bound: `at least` or `at most`: what the limit is to a figure that keeps it.
        limit: In `unit`.
        unit: `times`, `s`, `MiB` or `%`.
        measured: The figure; None if this run has none.
        comparable: Was it measured under the conditions of the promise?
    """

    statement: str
    bound: str
    limit: float
    unit: str
    measured: float | None
    comparable: bool = True

    @property
    def holds(self) -> bool | None:
        """Is it kept? None where this run cannot tell."""
        if self.measured is None or not self.comparable:
            return None
        if self.bound == LEAST:
            return self.measured >= self.limit
        return self.measured <= self.limit

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "holds": self.holds}


def promises(data: Mapping[str, Any]) -> Iterator[Promise]:
    """Yield every promise with its figure from the benchmark's data."""
    headline, vocabulary = _entry(data, HEADLINE), _entry(data, VOCABULARY)
    backend = data["environment"]["mpmath_backend"]
    for rival, times, comparable in (
        ("mpmath", 100, backend == _GMPY),
        ("flint", 8, True),
    ):
        said = f"{HEADLINE}, one thread: enclosures, against {_with(rival, backend)}"
        found = None if headline is None else _ratio(headline, rival)
        yield Promise(said, LEAST, times, "times", found, comparable)
    yield _seconds(vocabulary)
    yield _memory(data)
    yield _escalated(data)


def _with(rival: str, backend: str) -> str:
    return f"{rival} with its {backend} backend" if rival == "mpmath" else rival


def _ratio(entry: Mapping[str, Any], rival: str) -> float | None:
    for one in entry["ratios"]:
        if (one["oracle"], one["rival"], one["threads"]) == ("oracle-40", rival, 1):
            found: float = one["median"]
            return found
    return None


def _seconds(entry: Mapping[str, Any] | None) -> Promise:
    said = f"{VOCABULARY}: enclosures"
    if entry is None:
        return Promise(f"{said}, two cores", MOST, 1.0, "s", None)
    timing = max(
        (t for t in entry["timings"] if t["name"] == "oracle-40"),
        key=lambda t: t["threads"],
    )
    threads, taken = timing["threads"], entry["logits"] / timing["throughput"]["median"]
    # More cores than promised prove nothing; fewer are harder.
    said = f"{said}, {threads} core{'s' if threads > 1 else ''}"
    return Promise(said, MOST, 1.0, "s", taken, threads <= _TWO)


def _memory(data: Mapping[str, Any]) -> Promise:
    peaks = [
        (entry["peak_extra_bytes"][name], entry)
        for entry in data["workloads"]
        for name in ("oracle-40", "oracle-80")
    ]
    most, entry = max(peaks, key=lambda pair: pair[0])
    shape = f"{entry['rows']} × {entry['classes']} {entry['dtype']}"
    said = f"memory beyond inputs and enclosures ({shape}, the most of all)"
    return Promise(said, MOST, 64.0, "MiB", most / MIB)


def _escalated(data: Mapping[str, Any]) -> Promise:
    more = max(
        counts[TIER_NAMES[-1]] / sum(counts.values())
        for entry in data["workloads"]
        for counts in entry["tiers"].values()
    )
    said = "elements that need more than double words to be rounded (the most of all)"
    return Promise(said, MOST, 0.1, "%", 100 * more)


def _entry(data: Mapping[str, Any], workload: Workload) -> Mapping[str, Any] | None:
    wanted = (workload.rows, workload.classes, workload.dtype)
    for entry in data["workloads"]:
        if (entry["rows"], entry["classes"], entry["dtype"]) == wanted:
            found: Mapping[str, Any] = entry
            return found
    return None
