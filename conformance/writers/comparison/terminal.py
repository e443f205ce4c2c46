"""The regression report that `compare` prints."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from conformance.writers.characters import shown
from conformance.writers.comparison import facts, heads
from conformance.writers.console import printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from conformance.comparison.model import CellChange
    from conformance.writers.comparison.report import Report

FULL: Final = 24
"""Lines of one kind that are printed; the rest are counted."""

WIDTH: Final = 86
"""Columns of what is told alike of both runs, which nobody looks for by its line."""

_STYLES: Final = {
    "worse": "bold red",
    "missing": "red",
    "drift": "yellow",
    "not comparable": "magenta",
    "better": "green",
    "new": "cyan",
    "same": "dim",
}


def write(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Return the report as text.

    Args:
        report: The comparison.
        width: Columns of the terminal; None if there is none, then no line is folded.
        color: Use terminal colours?
    """
    return printed(lambda console: _report(console, report), width=width, color=color)


def _report(console: Console, report: Report) -> None:
    comparison = report.comparison
    _lines(console, [f"OLD {report.old}", f"NEW {report.new}"])
    _block(console, "differs", heads.differing(report))
    _block(console, "the same in both", wrap(heads.common(report), WIDTH))
    _block(console, "pairs", facts.notes(comparison))
    moved = facts.moved(comparison)
    _cells(console, [*moved, *facts.alike(comparison)])
    for cell in moved[:FULL]:
        name = f"{cell.pair.name}: {cell.loss} in {cell.dtype}"
        _block(console, name, map(facts.reason, cell.reasons))
    _block(console, "findings", map(facts.finding, facts.findings(comparison)))
    _block(console, "known findings", facts.known(comparison))
    moved_requirements = facts.requirements(comparison)
    _block(console, "requirements", (": ".join(row) for row in moved_requirements))
    console.print()
    _lines(console, [facts.summary(report), facts.headline(report)])


def _cells(console: Console, cells: Iterable[CellChange]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in facts.CELLS:
        justify = "right" if name in facts.FIGURES else "left"
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for cell in cells:
        change, *rest = facts.cell(cell)
        table.add_row(Text(change, _STYLES[change]), *(Text(shown(t)) for t in rest))
    if table.row_count:
        console.print()
        console.print(table)


def _block(console: Console, head: str, lines: Iterable[str]) -> None:
    body = list(lines)
    if body:
        console.print()
        console.print(Text(shown(head), "bold"), soft_wrap=True)
        _lines(console, (f"  {each}" for each in body[:FULL]))
    if len(body) > FULL:
        _lines(console, [f"  … and {len(body) - FULL} more"])


def _lines(console: Console, lines: Iterable[str]) -> None:
    for each in lines:
        console.print(Text(shown(each)), soft_wrap=True)
