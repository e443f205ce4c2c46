"""The result of a run as a small picture, in words and in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from conformance.run import exit_code, new_findings, stale
from conformance.writers import facts

if TYPE_CHECKING:
    from collections.abc import Mapping

LABEL: Final = "loss-conformance"

GREEN: Final = "#2a7230"
AMBER: Final = "#8a5a00"
RED: Final = "#b3261e"
GRAY: Final = "#555555"
"""Each with at least 4.5 times the luminance contrast to white letters."""

_NARROW: Final = frozenset("fijlrt-, ")
_WIDE: Final = frozenset("mw")
_PADDING: Final = 6

_PICTURE: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" \
role="img" aria-label="{told}">
<title>{told}</title>
<clipPath id="r"><rect width="{total}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="20" fill="#333333"/>
<rect x="{left}" width="{right}" height="20" fill="{color}"/>
</g>
<g fill="#ffffff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" \
aria-hidden="true">
<text x="{first}" y="14" textLength="{label_width}">{label}</text>
<text x="{second}" y="14" textLength="{word_width}">{word}</text>
</g>
</svg>
"""


def write(run: Mapping[str, Any], where: str) -> str:  # noqa: ARG001 - as every writer
    """Return the picture, as SVG that needs nothing beside it."""
    word, color = result(run)
    names = ", ".join(sorted(b["name"] for b in run["backends"]))
    told = f"{LABEL}: {word}" + (f" ({names})" if names else "")
    label_width, word_width = width(LABEL), width(word)
    left, right = label_width + 2 * _PADDING, word_width + 2 * _PADDING
    return _PICTURE.format(
        total=left + right,
        left=left,
        right=right,
        first=_PADDING,
        second=left + _PADDING,
        label_width=label_width,
        word_width=word_width,
        color=color,
        label=LABEL,
        word=escape(word),
        told=escape(told, {'"': "&quot;"}),
    )


def result(run: Mapping[str, Any]) -> tuple[str, str]:
    """Return the result in a few words, and its colour; none of them hides another."""
    code, found, old = exit_code(run), len(new_findings(run)), len(stale(run))
    findings = [facts.counted(found, "finding")] if found else []
    findings += [f"{old} stale"] if old else []
    if code == 1:
        return ", ".join(findings), RED
    if code:
        return ", ".join((_UNFINISHED[code], *findings)), RED if findings else GRAY
    known = sum(1 for entry in run["known"] if entry["count"])
    return (f"conforms, {known} known", AMBER) if known else ("conforms", GREEN)


_UNFINISHED: Final = {3: "incomplete", 5: "nothing checked", 130: "interrupted"}


def width(text: str) -> int:
    """Return about how many pixels `text` takes at the size and in the fonts above.

    The picture asks for this very length, so that letters of another font fit too.
    """
    return round(sum(_advance(letter) for letter in text))


def _advance(letter: str) -> float:
    return 4.2 if letter in _NARROW else 10.5 if letter in _WIDE else 6.6
