"""One of the two runs, with its parts found by what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from conformance.cells import standing
from conformance.points import Point
from conformance.profiles import LEVELS
from conformance.run import CELL, EVIDENCE, reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.tally import Key

INCOMPLETE: Final = (130, 3)
"""Exit codes of a run that does not hold all it should."""


@dataclass(frozen=True)
class Side:
    """A run, indexed.

    Attributes:
        run: The run file.
        backends: Name → what the run file says of the backend.
        cells: `(backend, loss, dtype)` → figures.
        points: The same key → case id → point.
        evidence: `(requirement, backend, dtype)` → evidence.
        planned: The same key of all evidence that is due.
        declined: The same key → why the backend need not give any.
        losses: Requirement → its loss.
        unfinished: Why the run does not hold all it should; empty if it does.
    """

    run: Mapping[str, Any]
    backends: Mapping[str, Mapping[str, Any]]
    cells: Mapping[Key, Mapping[str, Any]]
    points: Mapping[Key, Mapping[str, Point]]
    evidence: Mapping[Key, Mapping[str, Any]]
    planned: frozenset[Key]
    declined: Mapping[Key, str]
    losses: Mapping[str, str]
    unfinished: tuple[str, ...]

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> Self:
        """Return the side that shows `run`.

        Raises:
            ValueError: If two entries of it are about the same thing, or one is about
                a cell or a backend that the run does not have.
        """
        why, cells = reasons(run), _index(run["cells"], CELL)
        backends = {b["name"]: b for b in run["backends"]}
        # What no cell stands for would be compared with nothing, and never be seen.
        _within("backend", {key[0] for key in cells}, backends)
        _within("cell", (tuple(f[n] for n in CELL) for f in run["findings"]), cells)
        return cls(
            run,
            backends,
            cells,
            {k: _points(e) for k, e in _index(run["points"], CELL).items()},
            _index(run["evidence"], EVIDENCE),
            frozenset(tuple(key) for key in run["plan"]["planned"]),
            {tuple(key): reason for *key, reason in run["plan"]["unsupported"]},
            {r["id"]: r["loss"] for r in run["requirements"]},
            tuple(text for code in INCOMPLETE for text in why[code]),
        )

    @property
    def extent(self) -> tuple[int, int]:
        """Return how many pool cases, and up to which level named cases, are run."""
        profile = self.run["profile"]
        return profile["pool"], LEVELS.index(profile["level"])

    @property
    def shard(self) -> str | None:
        """Return which part of its cases the run holds, or None for all of them."""
        told = self.run.get("shard")
        return None if told is None else f"{told['index']}/{told['count']}"

    def covers(self, other: Side) -> bool:
        """Was this run to meet every case that `other` was to meet?"""
        if self.shard is not None:
            # How units are dealt out depends on how many there are.
            return (self.shard, self.extent) == (other.shard, other.extent)
        return all(a >= b for a, b in zip(self.extent, other.extent, strict=True))

    def corpus(self, loss: str, dtype: str) -> str | None:
        """Return a digest of the named cases of a cell, or None if none is told."""
        told = (
            entry["hash"]
            for entry in self.run.get("corpus", ())
            if (entry["loss"], entry["dtype"]) == (loss, dtype)
        )
        return next(told, None)

    def standing(self, key: Key) -> str:
        """Return the word for a cell, or empty if there is no such cell."""
        return standing(self.cells[key]) if key in self.cells else ""

    def absence(self, backend: str, loss: str, dtype: str) -> str:
        """Return why the run has no such cell, in words that follow its name."""
        if not backend:
            return "has no such backend"
        if loss not in self.run["losses"] or dtype not in self.run["dtypes"]:
            return "was not asked for it"
        offered = self.backends[backend]
        if loss not in offered["losses"] or dtype not in offered["dtypes"]:
            return "has it declined by the backend"
        if self.unfinished:
            return "ended before it: it is incomplete"
        return "has no case of it" + (f" in shard {self.shard}" if self.shard else "")


def _within(what: str, found: Iterable[Any], known: Iterable[Any]) -> None:
    strangers = set(found) - set(known)
    if strangers:
        msg = f"the run has no {what} {min(strangers)}, and says something of it"
        raise ValueError(msg)


def _index(
    entries: Iterable[Mapping[str, Any]], names: Sequence[str]
) -> dict[Key, Any]:
    table: dict[Key, Any] = {}
    for entry in entries:
        key = tuple(entry[name] for name in names)
        if key in table:
            msg = f"each entry must be about something else, got two about {key}"
            raise ValueError(msg)
        table[key] = entry
    return table


def _points(entry: Mapping[str, Any]) -> dict[str, Point]:
    points = [Point.parse(text) for text in entry["cases"]]
    table = {point.case: point for point in points}
    if len(table) < len(points):
        msg = "each case of a cell must have one line, got two for one"
        raise ValueError(msg)
    return table
