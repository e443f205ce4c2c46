"""TOML that others wrote, read in a time that its size allows."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 64
"""Parts of a dotted key. `tomllib` takes time and memory with the square of them."""

_KEY: Final = re.compile(
    r"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+)"
    rf"{{{MOST}}}"
)


def loads(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        ValueError: If it is none, or of a depth that nobody writes by hand.
    """
    if found := _KEY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        msg = f"keys must have at most {MOST} parts, got more in line {line}"
        raise ValueError(msg)
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise ValueError(msg) from error
    except ArithmeticError as error:
        msg = f"a number is too long: {error}"
        raise ValueError(msg) from error
