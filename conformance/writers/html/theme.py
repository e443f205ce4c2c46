"""The colours of the page, light and dark, and what a status looks like."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

Palette = MappingProxyType[str, str]

LIGHT: Final[Palette] = MappingProxyType(
    {
        "page": "#ffffff",
        "panel": "#f5f6f8",
        "edge": "#d4d8de",
        "grid": "#e1e4e9",
        "text": "#1b1f24",
        "muted": "#565d67",
        "link": "#0b57a4",
        "good": "#0b5c3b",
        "good-back": "#d9f0e4",
        "known": "#6b4a00",
        "known-back": "#fbecc4",
        "warn": "#7a3d00",
        "warn-back": "#fde3cd",
        "bad": "#9c1c12",
        "bad-back": "#fbdcd8",
        "odd": "#5b3596",
        "odd-back": "#e9e0f7",
        "mute": "#565d67",
        "mute-back": "#eaecef",
        "mark-good": "#2a6fb5",
        "mark-known": "#96690a",
        "mark-warn": "#b05a00",
        "mark-bad": "#c2261a",
        "mark-odd": "#7a4fc0",
        "mark-mute": "#6a717b",
        "limit": "#1b1f24",
    }
)

DARK: Final[Palette] = MappingProxyType(
    {
        "page": "#14171b",
        "panel": "#1c2026",
        "edge": "#3a414b",
        "grid": "#2d333b",
        "text": "#e7eaee",
        "muted": "#a7afb9",
        "link": "#7db8f5",
        "good": "#8fdcb6",
        "good-back": "#143a2a",
        "known": "#f0cf7e",
        "known-back": "#3d3112",
        "warn": "#f7b680",
        "warn-back": "#472b12",
        "bad": "#ffa79c",
        "bad-back": "#4f1d19",
        "odd": "#cbb2f5",
        "odd-back": "#34264f",
        "mute": "#a7afb9",
        "mute-back": "#292e35",
        "mark-good": "#6aaef0",
        "mark-known": "#d9ac4c",
        "mark-warn": "#f09a4f",
        "mark-bad": "#ff7a6b",
        "mark-odd": "#b594f0",
        "mark-mute": "#949ca6",
        "limit": "#e7eaee",
    }
)

TONES: Final = ("good", "known", "warn", "bad", "odd", "mute")
"""How a status is coloured: text on its background, and the marks of plots."""

_GROUNDS: Final = ("page", "panel")

READ: Final = (
    *((ink, ground) for ink in ("text", "muted", "link") for ground in _GROUNDS),
    *((tone, f"{tone}-back") for tone in TONES),
)
"""Text and what it stands on."""

SEEN: Final = tuple((f"mark-{tone}", "panel") for tone in TONES)
"""Marks of plots and what they stand on."""


@dataclass(frozen=True)
class Look:
    """How a status is shown: never by its colour alone.

    Attributes:
        symbol: One character.
        tone: One of `TONES`.
    """

    symbol: str
    tone: str


_LOOKS: Final[Mapping[str, Look]] = {
    Status.CONFORMS: Look("✓", "good"),
    Status.KNOWN: Look("◆", "known"),
    "coarse": Look("≈", "known"),
    Status.SUSPECT: Look("▲", "warn"),
    "incomplete": Look("…", "warn"),
    Status.INCONCLUSIVE: Look("?", "odd"),
    **dict.fromkeys(FAILURES, Look("✗", "bad")),
}
_PLAIN: Final = Look("–", "mute")


def look(status: str) -> Look:
    """Return how a status is shown, or a word that stands for several.

    >>> look("violates"), look("known (3)").tone, look("not run").symbol
    (Look(symbol='✗', tone='bad'), 'known', '–')
    """
    return _LOOKS.get(status.partition(" ")[0], _PLAIN)


def css() -> str:
    """Return the colours as custom properties: dark only on a screen that asks."""
    return (
        f":root {{ color-scheme: light; {_properties(LIGHT)} }}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f"  :root {{ color-scheme: dark; {_properties(DARK)} }}\n}}"
    )


def _properties(palette: Palette) -> str:
    return " ".join(f"--{name}: {value};" for name, value in palette.items())
