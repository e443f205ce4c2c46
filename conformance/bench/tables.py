"""The benchmark's data as tables of text, for a terminal and for Markdown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.bench.contender import ORACLE, RIVALS
from conformance.bench.demand import FORMATS, TIER_NAMES
from conformance.bench.preface import NOT_INSTALLED
from conformance.bench.promises import MIB

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LABELS: Final = {
    "oracle-40": "float64",
    "oracle-80": "double words",
    "oracle-rounded": "rounded",
}
"""What the columns of the oracle are called."""

NAMING: Final = 2
"""Columns at the left that name a workload."""

_NONE: Final = "—"
_DOT: Final = " · "
_NEARLY: Final = 99.9
_SHAPE: Final = ("shape", "dtype")


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns, and the rows; the shape stands first."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(data: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return all tables, in the order in which they are read."""
    cores = data["environment"]["cores"]
    both = [_throughput(data, 1)]
    if cores > 1:
        both.append(_throughput(data, cores))
    return (*both, _ratios(data), _sampled(data), _memory(data), _tiers(data))


def promises(data: Mapping[str, Any]) -> Table:
    """Return each promise, its figure and whether it holds."""
    rows = []
    for one in data["promises"]:
        measured, unit = one["measured"], one["unit"]
        figure = "not measured" if measured is None else f"{number(measured)} {unit}"
        verdict = {True: "holds", False: "does not hold", None: "cannot tell"}
        limit = f"{one['bound']} {number(one['limit'])} {unit}"
        rows.append((one["statement"], limit, figure, verdict[one["holds"]]))
    return Table("promises", ("what", "promised", "measured", ""), tuple(rows))


def number(value: float) -> str:
    """Return three significant digits, without an exponent where it is readable."""
    if value >= 100:  # noqa: PLR2004 - from here on all three stand before the point
        return f"{value:.0f}"
    return f"{value:.3g}"


def _shape(entry: Mapping[str, Any]) -> tuple[str, str]:
    return f"{entry['rows']} × {entry['classes']}", entry["dtype"]


def _throughput(data: Mapping[str, Any], threads: int) -> Table:
    names = [n for n in (*ORACLE, *RIVALS) if threads == 1 or n in (*ORACLE, "torch")]
    said = "one thread" if threads == 1 else f"{threads} threads"
    rows = [
        (*_shape(e), *(_speed(data, e, name, threads) for name in names))
        for e in data["workloads"]
    ]
    title = f"million logits a second, {said}: median (best)"
    return Table(title, (*_SHAPE, *_labels(names)), tuple(rows))


def _speed(
    data: Mapping[str, Any], entry: Mapping[str, Any], name: str, threads: int
) -> str:
    for timing in entry["timings"]:
        if (timing["name"], timing["threads"]) == (name, threads):
            figures = timing["throughput"]
            median, best = (number(figures[k] / 1e6) for k in ("median", "best"))
            return f"{median} ({best})"
    return _lacking(data, name)


def _ratios(data: Mapping[str, Any]) -> Table:
    rows = [
        (*_shape(e), *(_compared(data, e, name) for name in RIVALS))
        for e in data["workloads"]
    ]
    title = f"times as fast as …, one thread: {_DOT.join(_labels(list(ORACLE)))}"
    return Table(title, (*_SHAPE, *RIVALS), tuple(rows))


def _compared(data: Mapping[str, Any], entry: Mapping[str, Any], rival: str) -> str:
    found = {
        one["oracle"]: number(one["median"])
        for one in entry["ratios"]
        if (one["rival"], one["threads"]) == (rival, 1)
    }
    return _DOT.join(found[n] for n in ORACLE) if found else _lacking(data, rival)


def _sampled(data: Mapping[str, Any]) -> Table:
    names = ("mpmath", "flint")
    rows = [
        (*_shape(e), str(e["logits"]), *(_given(data, e, n) for n in names))
        for e in data["workloads"]
    ]
    head = (*_SHAPE, "all logits", *names)
    return Table("logits that slow rivals were really given", head, tuple(rows))


def _given(data: Mapping[str, Any], entry: Mapping[str, Any], name: str) -> str:
    for timing in entry["timings"]:
        if timing["name"] == name:
            return str(timing["logits"])
    return _lacking(data, name)


def _memory(data: Mapping[str, Any]) -> Table:
    rows = [
        (*_shape(e), *(number(e["peak_extra_bytes"][n] / MIB) for n in ORACLE))
        for e in data["workloads"]
    ]
    title = "peak MiB beyond inputs and outputs, all cores"
    return Table(title, (*_SHAPE, *_labels(list(ORACLE))), tuple(rows))


def _tiers(data: Mapping[str, Any]) -> Table:
    rows = [
        (*_shape(e), *(_shares(e["tiers"][name]) for name in FORMATS))
        for e in data["workloads"]
    ]
    bits = _DOT.join(TIER_NAMES)
    title = f"share of elements rounded into each format from {bits} bits"
    return Table(title, (*_SHAPE, *FORMATS), tuple(rows))


def _shares(counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    return _DOT.join(_share(counts[tier], total) for tier in TIER_NAMES)


def _share(count: int, total: int) -> str:
    if count in (0, total):
        return "100 %" if count else "0"
    percent = 100 * count / total
    if percent > _NEARLY:  # cut, not rounded: the last few elements stay visible
        return f"{math.floor(percent * 1e4) / 1e4} %"
    return f"{percent:.3g} %"


def _labels(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(LABELS.get(name, name) for name in names)


def _lacking(data: Mapping[str, Any], name: str) -> str:
    return NOT_INSTALLED if name in data["absent"] else _NONE
