"""The colours can be told apart, in the light and in the dark."""

from __future__ import annotations

import re

import pytest

from conformance.verdict import FAILURES, Status
from conformance.writers.html.theme import DARK, LIGHT, READ, SEEN, TONES, css, look

THEMES = {"light": LIGHT, "dark": DARK}


def luminance(color: str) -> float:
    """Return the relative luminance of `#rrggbb`, as WCAG 2.2 defines it."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_is_that_of_the_standard() -> None:
    """Black on white has 21, and #767676 on white just passes."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), READ)
def test_text_can_be_read(theme: str, ink: str, ground: str) -> None:
    """Text has at least 4.5 on what it stands on."""
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "ground"), SEEN)
def test_marks_can_be_seen(theme: str, mark: str, ground: str) -> None:
    """Bars and points of a plot have at least 3 on what they stand on."""
    assert contrast(THEMES[theme][mark], THEMES[theme][ground]) >= 3


def test_every_colour_has_its_counterpart() -> None:
    """Both themes define the same names, and the style sheet has both."""
    assert LIGHT.keys() == DARK.keys()
    sheet = css()
    for name in LIGHT:
        assert f"--{name}: {LIGHT[name]};" in sheet
        assert f"--{name}: {DARK[name]};" in sheet
    dark = sheet.index("@media screen and (prefers-color-scheme: dark)")
    assert sheet.index(f"--page: {LIGHT['page']}") < dark < sheet.index(DARK["page"])


def test_the_style_sheet_uses_no_colour_that_is_not_defined(text: str) -> None:
    """Every custom property of a colour that the page uses is one of the palette."""
    used = set(re.findall(r"var\(--([a-z-]+)\)", text))
    assert used - {"formats"} <= LIGHT.keys()
    assert len(used) > 20


@pytest.mark.parametrize(
    "status", [*map(str, Status), "coarse", "incomplete", "odd one"]
)
def test_a_status_has_a_symbol_and_a_tone(status: str) -> None:
    """Failures alone look bad, conforming alone looks good."""
    shown = look(status)
    assert shown.tone in TONES
    assert len(shown.symbol) == 1
    assert (shown.tone == "bad") == (status in FAILURES)
    assert (shown.tone == "good") == (status == "conforms")
