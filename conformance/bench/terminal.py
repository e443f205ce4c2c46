"""The benchmark as it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid
from rich.text import Text

from conformance.bench import preface, tables
from conformance.writers.console import printed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def write(
    data: Mapping[str, Any], *, width: int | None = None, color: bool = False
) -> str:
    """Return the benchmark as text.

    Args:
        data: What `benchmark.run` returned.
        width: Columns of the terminal; None if there is none, then no line is folded.
        color: Use terminal colours?
    """
    return printed(lambda console: _show(console, data), width=width, color=color)


def _show(console: Console, data: Mapping[str, Any]) -> None:
    for line in (*preface.environment(data), "", *preface.LEGEND):
        console.print(Text(line), soft_wrap=True)
    for table in tables.tables(data):
        _print(console, table, left=tables.NAMING)
    _print(console, tables.promises(data), left=len(data["promises"]))


def _print(console: Console, table: tables.Table, left: int) -> None:
    """Print a table whose columns after the first few hold figures."""
    console.print()
    console.print(Text(table.title, "bold"), soft_wrap=True)
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(table.head):
        grid.add_column(
            name, justify="left" if place < left else "right", overflow="fold"
        )
    for row in table.rows:
        grid.add_row(*map(Text, row))
    console.print(grid)
