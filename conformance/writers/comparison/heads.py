"""What the two runs of a comparison were made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from conformance.writers.comparison.facts import arrow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.comparison.model import Comparison
    from conformance.writers.comparison.report import Report

_LONGEST: Final = 72


def title(comparison: Comparison) -> str:
    """Return which backends were held against each other, with what differs most."""
    names = [p.name for p in comparison.pairs if all(p)] or ["nothing in common"]
    old, new = (run["environment"]["packages"] for run in _runs(comparison))
    moved = [
        f"{name} {arrow(f'{old.get(name)}', f'{new.get(name)}')}"
        for name in sorted(old.keys() & new.keys())
        if old[name] != new[name]
    ]
    return ", ".join(names) + (f" ({', '.join(moved)})" if moved else "")


class Difference(NamedTuple):
    """Something that the heads of the runs tell.

    Attributes:
        name: What it is.
        old: What the old run says.
        new: What the new run says.
    """

    name: str
    old: str
    new: str


def heads(report: Report) -> list[Difference]:
    """Return what the heads tell, first the files, then what differs."""
    old, new = map(_flat, _runs(report.comparison))
    names = list(dict.fromkeys((*old, *new)))
    rows = [Difference(n, old.get(n, "–"), new.get(n, "–")) for n in names]
    rows.sort(key=lambda row: row.old == row.new)
    return [Difference("run file", report.old, report.new), *rows]


def _runs(comparison: Comparison) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    pairs = comparison.pairs
    return (
        _by_pair(comparison.old, ((pair.old, pair.name) for pair in pairs)),
        _by_pair(comparison.new, ((pair.new, pair.name) for pair in pairs)),
    )


def _by_pair(
    run: Mapping[str, Any], names: Iterable[tuple[str, str]]
) -> Mapping[str, Any]:
    """Return a head in which what is told of a backend is told of its pair."""
    environment = run["environment"]
    workers = environment.get("workers", {})
    told = {pair: workers[name] for name, pair in names if name in workers}
    return {**run, "environment": {**environment, "workers": told}}


def _flat(value: Any, name: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        found = (
            _flat(value[key], f"{name} {key}".strip() if name not in _PLAIN else key)
            for key in sorted(value)
        )
        return {key: text for table in found for key, text in table.items()}
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = "–" if value is None else str(value)
    return {name: text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"}


_PLAIN: Final = frozenset({"", "environment", "packages"})


def differing(report: Report) -> Iterator[str]:
    """Yield one line for each thing that the heads tell otherwise."""
    for name, old, new in heads(report):
        if old != new and name != "run file":
            yield f"{name}: {old} → {new}"


def common(report: Report) -> str:
    """Return what the heads tell alike, on one line."""
    rows = heads(report)[1:]
    return ", ".join(f"{name} {old}" for name, old, new in rows if old == new)
