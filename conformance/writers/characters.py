"""Text as it can be shown: in a terminal, in a page, and in XML."""

from __future__ import annotations

from itertools import chain
from typing import Any, Final

_SPACES: Final = "\t\n\v\f\r"

# They act on a terminal or on the order of a line, or no encoding and no XML has them.
_CONTROLS: Final = (range(0x20), range(0x7F, 0xA0), range(0xD800, 0xE000))
_ORDER: Final = (range(0x200E, 0x2010), range(0x2028, 0x202F), range(0x2066, 0x206A))
_OTHERS: Final = ((0x061C, 0xFEFF, 0xFFFE, 0xFFFF),)

_SHOWN: Final = {
    code: f"\\u{code:04x}" for code in chain(*_CONTROLS, *_ORDER, *_OTHERS)
} | {ord(space): " " for space in _SPACES}


def shown(text: str) -> str:
    r"""Return `text` on one line, with what cannot be printed as an escape.

    >>> shown("two\nlines, a bell \a")
    'two lines, a bell \\u0007'
    """
    return text if text.isprintable() else text.translate(_SHOWN)


def legible(value: Any) -> Any:
    """Return plain data with all its texts, keys too, as `shown` gives them.

    Keys that would be the same are kept apart: nothing is lost.
    """
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        made: dict[Any, Any] = {}
        for key, item in value.items():
            name = legible(key)
            while name in made:
                name += " (another)"
            made[name] = legible(item)
        return made
    if isinstance(value, list | tuple):
        return [legible(item) for item in value]
    return value
