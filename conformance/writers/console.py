"""Text as a terminal shows it, made in memory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

_WIDE: Final = 400


def printed(
    show: Callable[[Console], None], *, width: int | None = None, color: bool = False
) -> str:
    """Return what `show` prints, without spaces at the ends of lines.

    Args:
        show: Prints to the console it is given.
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
    show(console)
    lines = stream.getvalue().split("\n")
    return "\n".join(each.rstrip() for each in lines).rstrip("\n") + "\n"
