"""Tables of a pyproject.toml that are ours but for a slip in the name.

A name is ours if its letters, in order, are nearly those of ours: hyphens, underscores
and capitals say nothing. Names that begin with ours and have one word more are those of
another tool.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any, Final

ALIKE: Final = 0.9
"""Share of letters in common from which on a name is a slip.

One letter too many, too few or another one, of the 15 of ours, leaves 0.93 at least;
`conformance` and `loss-conform` have 0.85.
"""


def misnamed(data: Mapping[str, Any], ours: str) -> str | None:
    """Return the name of a table that was probably meant to be `tool.` and `ours`.

    >>> misnamed({"tool": {"loss_conformance": {}}}, "loss-conformance")
    'tool.loss_conformance'
    >>> misnamed({"tool": {"losses": {}, "conformance": {}}}, "loss-conformance")

    """
    tool = data.get("tool")
    inside = tool if isinstance(tool, Mapping) else {}
    names = {f"tool.{name}": name for name in inside if name != ours}
    names |= {name: name for name, table in data.items() if isinstance(table, Mapping)}
    return next((full for full, name in names.items() if _alike(name, ours)), None)


def _alike(name: str, ours: str) -> bool:
    words, wanted = _words(name), _words(ours)
    if len(words) > len(wanted) and words[: len(wanted)] == wanted:
        return False
    a, b = "".join(words), "".join(wanted)
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.lower()) if word]
