"""A real browser shows the page without complaint, on a phone and on a desk."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.writers.html.theme import DARK, LIGHT

if TYPE_CHECKING:
    from pathlib import Path

BROWSER: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    "",
)
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--v=0",
    "--dump-dom",
)
pytestmark = pytest.mark.skipif(not BROWSER, reason="needs Chromium on PATH")

POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
MEASURE: Final = """<script>
for (const each of document.querySelectorAll("details")) each.open = true;
const root = document.documentElement, color = getComputedStyle(document.body);
const beyond = [...document.querySelectorAll("body *")].filter(e =>
  !e.closest(".scroll, svg") && e.getBoundingClientRect().right > innerWidth + 1);
const plots = [...document.querySelectorAll("figure svg")];
parent.postMessage(JSON.stringify({
  width: innerWidth, content: root.scrollWidth, ground: color.backgroundColor,
  beyond: beyond.map(e => e.outerHTML.slice(0, 80)),
  narrowest: Math.min(...plots.map(e => e.getBoundingClientRect().width)),
}), "*");
</script></body>"""

# A window of the browser cannot be as narrow as a telephone, but a frame can.
FRAME: Final = """<!DOCTYPE html><title></title>
<script>onmessage = event => document.title = event.data</script>
<iframe src="inner.html" style="width: {width}px; height: 900px; border: 0"></iframe>"""


def opened(text: str, folder: Path, *flags: str) -> tuple[str, str]:
    """Return the document that the browser makes of `text`, and what it logs."""
    page = folder / "page.html"
    page.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={folder / 'user'}", *flags, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, done.stderr


def seen(text: str, folder: Path, width: int, *flags: str) -> dict[str, Any]:
    """Return what a script measures on the page, all of whose parts are open."""
    allowed = POLICY.sub("", text).replace("</body>", MEASURE)
    (folder / "inner.html").write_text(allowed, encoding="utf-8")
    frame = FRAME.format(width=width)
    document, _ = opened(frame, folder, "--virtual-time-budget=2000", *flags)
    (title,) = re.findall(r"<title>(\{.*?\})</title>", document)
    found: dict[str, Any] = json.loads(unescape(title))
    return found


def complaints(log: str) -> list[str]:
    """Return what the browser wrote to the console."""
    return [line for line in log.splitlines() if "CONSOLE" in line]


def rgb(color: str) -> str:
    """Return `#rrggbb` as a browser writes it."""
    return f"rgb({', '.join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))})"


def test_nothing_is_written_to_the_console(text: str, tmp_path: Path) -> None:
    """The page is loaded whole, and nothing in it is refused."""
    document, log = opened(text, tmp_path)
    assert document.rstrip().endswith("</html>")
    assert complaints(log) == []


def test_a_script_is_refused(text: str, tmp_path: Path) -> None:
    """If one ever came into the page, the browser would not run it, and say so."""
    planted = text.replace("</body>", "<script>document.title = 'run'</script></body>")
    document, log = opened(planted, tmp_path)
    assert "<title>run</title>" not in document
    assert len(complaints(log)) == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(
    text: str, tmp_path: Path, width: int
) -> None:
    """Only tables in frames of their own can be moved sideways."""
    found = seen(text, tmp_path, width)
    assert found["width"] == width
    assert found["content"] <= width
    assert found["beyond"] == []
    assert found["narrowest"] >= 300
    assert found["ground"] == rgb(LIGHT["page"])


def test_a_long_name_is_broken(text: str, tmp_path: Path) -> None:
    """A name without a space does not make the page wider than a telephone."""
    long = text.replace("mutant:log_of_softmax", "mutant" * 40)
    found = seen(long, tmp_path, 390)
    assert found["content"] <= 390
    assert found["beyond"] == []


def test_the_page_is_dark_where_the_reader_asks(text: str, tmp_path: Path) -> None:
    """The colours follow the system's, without a script."""
    found = seen(text, tmp_path, 800, "--blink-settings=preferredColorScheme=0")
    assert found["ground"] == rgb(DARK["page"])
