"""A drawn chart is small, needs nothing from elsewhere, and keeps its figures."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from conformance.writers.html.charts import Axis, Chart, Mark
from conformance.writers.html.drawing import HEIGHT, WIDTH
from conformance.writers.html.svg import draw, legend

AXIS = Axis("bound <&>", 0.0, 10.0, ((0.0, "0"), (5.0, "10⁻⁵"), (10.0, ">1")))
TONES = ("good", "known", "warn", "bad", "odd", "mute")
NUMBER = r"-?\d+(?:\.\d+)?"


@pytest.fixture(scope="module")
def drawn() -> ET.Element:
    """Return a chart of everything, taken apart."""
    points = tuple(
        Mark(tone, ((i + 1.0, 5.0), (i + 1.5, 7.5))) for i, tone in enumerate(TONES)
    )
    chart = Chart(
        "title",
        "what it shows: a < b & c",
        AXIS,
        AXIS,
        bars=(Mark("good", ((1.0, 4.0), (2.0, 8.0))),),
        lines=(Mark("limit", ((0.0, 0.0), (10.0, 10.0))),),
        points=points,
    )
    text = draw(chart)
    assert text == draw(chart)
    return ET.fromstring(text)


def shapes(drawn: ET.Element, role: str) -> list[list[float]]:
    """Return the numbers of each path of a role."""
    found = (p for p in drawn if p.get("class") == role)
    return [[float(n) for n in re.findall(NUMBER, p.get("d", ""))] for p in found]


def test_everything_is_drawn_inside_the_picture(drawn: ET.Element) -> None:
    """Each point, bar and line is there, and inside."""
    for tone in TONES:
        assert len(shapes(drawn, f"points {tone}")) == 1
    assert len(shapes(drawn, "bar good")) == 2
    (line,) = shapes(drawn, "line limit")
    assert len(line) == 4
    for path in (line, *shapes(drawn, "bar good"), *shapes(drawn, "grid")):
        assert all(0 <= n <= max(WIDTH, HEIGHT) for n in path)


def test_places_are_in_proportion(drawn: ET.Element) -> None:
    """The line runs from corner to corner of the axes, up to the right."""
    ((x0, y0, x1, y1),) = shapes(drawn, "line limit")
    assert x0 < x1
    assert y1 < y0
    ((*first, _, _), *_) = shapes(drawn, "points good")
    start = first[:2]
    assert start[0] == pytest.approx(x0 + (x1 - x0) / 10, abs=0.2)
    assert start[1] == pytest.approx((y0 + y1) / 2, abs=0.2)


def test_texts_are_texts(drawn: ET.Element) -> None:
    """Ticks and labels can be read, searched and heard; the title comes first."""
    assert drawn[0].tag == "title"
    assert drawn[0].text == "what it shows: a < b & c"
    texts = [t.text for t in drawn if t.tag == "text"]
    assert sorted(texts) == sorted(["0", "10⁻⁵", ">1", "bound <&>"] * 2)
    turned = [t for t in drawn if "rotate" in t.get("transform", "")]
    assert [t.text for t in turned] == ["bound <&>"]


def test_nothing_is_left_of_the_library(drawn: ET.Element) -> None:
    """No ids that could meet another picture's, no styles, no links, no metadata."""
    assert {e.tag for e in drawn.iter()} == {"svg", "title", "path", "text"}
    allowed = {"class", "d", "x", "y", "text-anchor", "transform", "viewBox", "role"}
    assert {name for e in drawn.iter() for name in e.attrib} <= allowed


def test_each_tone_has_a_shape_of_its_own() -> None:
    """Who sees no colours tells the points apart by their outlines."""
    outlines = [re.sub(r'class="[^"]*"', "", picture) for _, picture in legend()]
    assert len(set(outlines)) == len(outlines) == len(TONES)
