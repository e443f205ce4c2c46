"""The badge says the result in words and in a colour that can be read."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from sample_runs import large_run, make_run, rude_run, sound_run

from conformance.writers import badge
from conformance.writers.registry import render

SVG = "{http://www.w3.org/2000/svg}"


def shown(run: dict[str, Any]) -> tuple[str, ET.Element]:
    """Return the words of the badge, and the picture."""
    root = ET.fromstring(render("badge", run, "file.json").encode())
    words = [text.text or "" for text in root.iter(f"{SVG}text")]
    return " | ".join(words), root


def known(count: int) -> dict[str, Any]:
    """Return a sound run with a known finding that was met so many times."""
    (entry,) = make_run()["known"]
    return {**sound_run(), "known": [{**entry, "count": count, "stale": []}]}


def with_findings(count: int, **more: Any) -> dict[str, Any]:
    """Return a run with so many new findings."""
    return {**sound_run(), "findings": large_run(1, count)["findings"], **more}


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (sound_run(), "conforms"),
        (known(2), "conforms, 1 known"),
        (known(0), "conforms"),
        (with_findings(1), "1 finding"),
        (with_findings(12), "12 findings"),
        (with_findings(1, known=make_run()["known"]), "1 finding, 1 stale"),
        ({**sound_run(), "faults": {"lost": 1}}, "incomplete"),
        (with_findings(2, faults={"lost": 1}), "incomplete, 2 findings"),
        ({**sound_run(), "stop": "interrupted"}, "interrupted"),
        ({**sound_run(), "totals": {"verdicts": {}}}, "nothing checked"),
    ],
)
def test_the_words_are_the_result(run: dict[str, Any], words: str) -> None:
    """What was found is said even where the run is incomplete."""
    text, root = shown(run)
    assert text == f"loss-conformance | {words}"
    title = root.findtext(f"{SVG}title", "")
    assert title.startswith(f"loss-conformance: {words} (")
    assert (root.get("role"), root.get("aria-label")) == ("img", title)


def test_only_what_conforms_is_green() -> None:
    """The colour says the same as the words."""
    colors = [
        badge.result(run)[1]
        for run in (sound_run(), known(1), with_findings(1), with_findings(1, stop="x"))
    ]
    assert colors == [badge.GREEN, badge.AMBER, badge.RED, badge.RED]
    assert badge.result({**sound_run(), "stop": "killed"})[1] == badge.GRAY


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "color", [badge.GREEN, badge.AMBER, badge.RED, badge.GRAY, "#333333"]
)
def test_the_letters_can_be_read(color: str) -> None:
    """White on each colour has the contrast that WCAG asks of small text."""
    assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_a_picture_needs_nothing_beside_it() -> None:
    """No link, no script, no style; names stand in the title alone, as text."""
    _, root = shown(rude_run())
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert not any("http" in v for e in root.iter() for v in e.attrib.values())
    assert "<script>" in root.findtext(f"{SVG}title", "")


def test_the_words_have_their_room() -> None:
    """Both texts, with what is free beside them, fill the picture."""
    _, root = shown(with_findings(12))
    lengths = [int(text.get("textLength", "")) for text in root.iter(f"{SVG}text")]
    starts = [int(text.get("x", "")) for text in root.iter(f"{SVG}text")]
    assert starts[0] + lengths[0] < starts[1]
    assert starts[1] + lengths[1] + starts[0] == int(root.get("width", ""))
