"""The kill matrix as it is printed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.self_test import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WIDE: Final = 400


def write(
    data: Mapping[str, Any], *, width: int | None = None, color: bool = False
) -> str:
    """Return the matrix as text.

    Args:
        data: What `matrix.build` returned.
        width: Columns of the terminal; None if there is none, then no line is folded.
        color: Use terminal colours?
    """
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width or _WIDE,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    _print(console, table.head(data), table.rows(data))
    _print(console, table.CHECKS_HEAD, table.checks(data))
    if data["unfailed"]:
        text = f"failed by no mutant: {', '.join(data['unfailed'])}"
        console.print(Text(text), soft_wrap=True)
    for line in (f"{data['seconds']} s", *table.summary(data)):
        console.print(Text(line), soft_wrap=True)
    lines = stream.getvalue().split("\n")
    return "\n".join(each.rstrip() for each in lines).rstrip("\n") + "\n"


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
