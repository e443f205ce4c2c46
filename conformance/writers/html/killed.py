"""The kill matrix: which checks caught which wrong backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.self_test import table

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Killed:
    """What a self-test showed.

    Attributes:
        summary: Sentences.
        checks: The names of the checks.
        rows: `(mutant, mechanism, a mark or nothing for each check, first caught by)`.
        totals: How many mutants each check catches.
    """

    summary: tuple[str, ...]
    checks: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[bool, ...], str], ...]
    totals: tuple[int, ...]


def killed(data: Mapping[str, Any]) -> Killed:
    """Return what `self-test --json` wrote, as the page shows it."""
    checks = tuple(data["checks"])
    rows = tuple(_row(row, checks) for row in data["mutants"])
    totals = tuple(data["checks"][name]["kills"] for name in checks)
    return Killed(tuple(table.summary(data)), checks, rows, totals)


def _row(
    row: Mapping[str, Any], checks: tuple[str, ...]
) -> tuple[str, str, tuple[bool, ...], str]:
    first = row["first"]
    by = "nothing" if first is None else first["requirement"] or first["check"]
    marks = tuple(check in row["kills"] for check in checks)
    return row["name"], row["mechanism"], marks, by
