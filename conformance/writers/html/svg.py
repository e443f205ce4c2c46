"""A chart as SVG for a page, whose style sheet gives it shapes and colours."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from conformance.writers.html.drawing import HEIGHT, ROLE, WIDTH, drawing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.writers.html.charts import Chart

_SVG: Final = "{http://www.w3.org/2000/svg}"

_SHAPES: Final = {
    "bad": "m-2.6-2.6l5.2 5.2m0-5.2l-5.2 5.2",
    "warn": "m0-3l2.8 5h-5.6z",
    "known": "m0-2.8l2.8 2.8l-2.8 2.8l-2.8-2.8z",
    "odd": "m-2.2-2.2h4.4v4.4h-4.4z",
    "mute": "m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
}
"""Tone → outline around a point."""

_DOT: Final = "h0"
"""A line of no length, which has round ends: the point of every other tone."""

_WORDS: Final = {
    "good": "conforms",
    "known": "known finding",
    "warn": "suspect",
    "odd": "inconclusive",
    "bad": "fails",
    "mute": "nothing promised",
}


def draw(chart: Chart) -> str:
    """Return the chart as one `svg` element without ids, scripts or colours."""
    shapes = "".join(_shape(*found) for found in _drawn(drawing(chart)))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(chart.text)}</title>{shapes}</svg>"
    )


def legend() -> list[tuple[str, str]]:
    """Return word and picture of each kind of point."""
    return [
        (word, f'<svg viewBox="-4 -4 8 8" aria-hidden="true">{_point(tone)}</svg>')
        for tone, word in _WORDS.items()
    ]


def _point(tone: str) -> str:
    return f'<path class="points {tone}" d="M0 0{_SHAPES.get(tone, _DOT)}"/>'


def _drawn(text: str) -> Iterator[tuple[str, ET.Element]]:
    """Yield role and element of what has a role, in the order of painting."""
    for group in ET.fromstring(text).iter(f"{_SVG}g"):  # noqa: S314 - our own text
        name = group.get("id", "")
        if name.startswith(ROLE):
            yield name.removeprefix(ROLE), group


def _shape(role: str, group: ET.Element) -> str:
    text = group.find(f"{_SVG}text")
    if text is not None:
        return _text(role, text)
    if role.startswith("points "):
        tone = role.partition(" ")[2]
        path = "".join(_points(group, _SHAPES.get(tone, _DOT)))
    else:
        path = "".join(_short(p.get("d", "")) for p in group.iter(f"{_SVG}path"))
    return f'<path class="{role}" d="{path}"/>'


def _points(group: ET.Element, shape: str) -> Iterator[str]:
    # One path for all of them: a page has thousands, and each element is dear.
    for use in group.iter(f"{_SVG}use"):
        yield f"M{_number(use.get('x', ''))} {_number(use.get('y', ''))}{shape}"


def _text(role: str, text: ET.Element) -> str:
    anchor = re.search(r"text-anchor: (\w+)", text.get("style", ""))
    said = [f'class="{role}"', f'text-anchor="{anchor[1] if anchor else "start"}"']
    said += [f'{k}="{_number(text.attrib[k])}"' for k in "xy" if k in text.attrib]
    turn = text.get("transform", "")
    if turn and not turn.startswith("rotate(-0 "):
        said.append(f'transform="{_short(turn)}"')
    return f"<text {' '.join(said)}>{escape(text.text or '')}</text>"


def _short(path: str) -> str:
    """Return a path with a tenth of a unit as its smallest step."""
    path = re.sub(r"-?\d+(\.\d+)?", lambda found: _number(found[0]), path)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", path).strip()


def _number(text: str) -> str:
    return f"{round(float(text), 1):g}"
