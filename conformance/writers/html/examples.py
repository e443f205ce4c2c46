"""Named cases that every report shows, with what each backend gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.case import Case
from conformance.explain import inputs
from conformance.writers.facts import exact
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Example:
    """One named case in one storage format.

    Attributes:
        name: Its name.
        loss: Its loss.
        dtype: Its storage format.
        reason: Why it is shown.
        inputs: `(label, text)`.
        exact: The exact value.
        results: `(backend, what it gave, status, look)`.
    """

    name: str
    loss: str
    dtype: str
    reason: str
    inputs: tuple[tuple[str, str], ...]
    exact: str
    results: tuple[tuple[str, str, str, Look], ...]


def examples(run: Mapping[str, Any]) -> Iterator[Example]:
    """Yield the named cases that are to be shown."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in run["named"]:
        groups.setdefault((entry["name"], entry["dtype"]), []).append(entry)
    for (name, dtype), entries in sorted(groups.items()):
        first = entries[0]
        case = Case.from_json(first["case"])
        given = tuple(inputs(case))
        results = tuple(
            (e["backend"], e["got"], e["status"], look(e["status"])) for e in entries
        )
        due = exact(first["exact"])
        yield Example(name, case.loss, dtype, first["reason"], given, due, results)
