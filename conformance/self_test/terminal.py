"""The kill matrix as it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from conformance.self_test import table
from conformance.writers.console import printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console


def write(
    data: Mapping[str, Any], *, width: int | None = None, color: bool = False
) -> str:
    """Return the matrix as text.

    Args:
        data: What `matrix.build` returned.
        width: Columns of the terminal; None if there is none, then no line is folded.
        color: Use terminal colours?
    """
    return printed(lambda console: _show(console, data), width=width, color=color)


def _show(console: Console, data: Mapping[str, Any]) -> None:
    if data["mutants"]:
        _print(console, table.head(data), table.rows(data))
        _print(console, table.CHECKS_HEAD, table.checks(data))
    if data["unfailed"]:
        text = f"failed by no mutant: {', '.join(data['unfailed'])}"
        console.print(Text(text), soft_wrap=True)
    for line in (f"{data['seconds']} s", *table.summary(data)):
        console.print(Text(line), soft_wrap=True)


def _print(
    console: Console, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*map(Text, row))
    console.print(grid)
    console.print()
