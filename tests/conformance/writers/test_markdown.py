"""The Markdown report fits a comment, and says what it leaves out."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt
from sample_runs import RUDE, large_run, make_run, rude_run, sound_run

from conformance.writers import markdown, markup
from conformance.writers.characters import legible
from conformance.writers.registry import render

RENDERER = MarkdownIt("commonmark", {"html": True}).enable("table")


def tags(text: str) -> list[str]:
    """Return the elements of the page that a renderer makes."""
    return re.findall(r"</?([a-z0-9]+)", RENDERER.render(text))


@pytest.mark.parametrize(
    ("backends", "findings", "name"),
    [(1, 5_000, "b"), (700, 2, "b"), (40, 40, RUDE), (30, 3, RUDE * 60)],
)
def test_no_run_makes_it_too_large(backends: int, findings: int, name: str) -> None:
    """Many findings, many backends, rude and long names: the first of each is told."""
    run = large_run(backends, findings, name)
    text = render("markdown", run, "file.json")
    assert len(text.encode()) <= markdown.MOST
    for part, share in markdown._parts(legible(run), "file.json"):  # noqa: SLF001
        assert markup.size(part.cut(share)) <= share
    assert "Exit 3: incomplete" in text
    assert f"## New findings: {backends * findings}" in text
    assert 1 <= text.count("<details><summary>") <= markdown.FULL
    assert text.count("<details>") == text.count("</details>")


def test_what_is_left_out_is_counted() -> None:
    """Findings told in full, in a line, and counted are together all of them."""
    run = large_run(3, 300)
    text = render("markdown", run, "file.json")
    told = text.count("<details>")
    lines = len(re.findall(r"^- [0-9a-f]{12}  backend", text, flags=re.MULTILINE))
    left = re.search(r"\*And (\d+) more findings: (.*)\.\*", text)
    assert left
    assert told + lines + int(left[1]) == 900
    counted = re.findall(r"(\d+) of backend-\d", left[2])
    assert sum(map(int, counted)) == int(left[1])


def test_each_cell_has_its_turn() -> None:
    """A backend with many findings does not hide that of another."""
    run = large_run(2, 200)
    mine = [f for f in run["findings"] if f["backend"] == "backend-1"]
    run["findings"] = [f for f in run["findings"] if f not in mine] + mine[:1]
    assert "<summary>backend-1: " in render("markdown", run, "file.json")


def test_cells_that_do_not_conform_are_kept_first() -> None:
    """What is cut from the summary is counted by its status."""
    run = large_run(600, 0)
    for number, cell in enumerate(run["cells"]):
        if number != 500:
            cell["counts"] = {"conforms": 1}
            cell["weak"] = 0
    run["missing"] = []
    text = render("markdown", run, "file.json")
    assert re.search(r"^\| backend-500 \| mae .* violates \|", text, re.MULTILINE)
    left = re.search(r"\*And (\d+) more cells: (\d+) coarse\.\*", text)
    assert left
    rows = re.findall(r"^\| backend-\d+ \| mae ", text, re.MULTILINE)
    assert len(rows) + int(left[1]) == 600


def test_nothing_breaks_out_of_its_place() -> None:
    """The page of a run with rude names has the elements of one with plain names."""
    plain = rude_run()
    for old, new in ((RUDE, "rude"),):
        plain = _replaced(plain, old, new)
    rude = tags(render("markdown", rude_run(), "file.json"))
    assert rude == tags(render("markdown", plain, "file.json"))
    assert "script" not in rude
    assert "@user" not in _outside_code(render("markdown", rude_run(), "file.json"))


def _replaced(value: object, old: str, new: str) -> object:
    from sample_runs import renamed

    return renamed(value, old, new)


def _outside_code(text: str) -> str:
    return re.sub(r"^(`{3,})text$.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)


def test_what_was_not_checked_is_grouped() -> None:
    """Requirements with one backend, dtypes and reason share a row; none is lost."""
    run = make_run()
    run["dtypes"] = ["float16", "float32"]
    names = ("MSE-A", "MSE-B", "MAE-A", "MSE-C")
    run["requirements"] += [
        {**run["requirements"][0], "id": name, "loss": "mse"} for name in names
    ]
    run["plan"]["unsupported"] = [
        [name, "b", dtype, f"{name[:3].lower()} is not offered"]
        for name in ("MSE-A", "MSE-B", "MAE-A")
        for dtype in ("float16", "float32")
    ] + [["MSE-C", "b", "float32", "why"]]
    text = render("markdown", run, "file.json")
    for row in (
        "| MSE-A, MSE-B | b | float16, float32 | mse is not offered |",
        "| MAE-A | b | float16, float32 | mae is not offered |",
        "| MSE-C | b | float32 | why |",
    ):
        assert row in text


def test_evidence_is_a_row_for_each_requirement() -> None:
    """Worst status, largest ratio, number of verdicts; what is missing is told so."""
    text = render("markdown", make_run(), "file.json")
    assert "| MAE-VALUE | bad | violates 7 (1) |" in text
    assert "| MAE-NONE | good | missing (0) |" in text
    assert "| MAE-VALUE | good | 0.5 (1) |" in render("markdown", sound_run(), "x")


def test_evidence_that_is_left_out_conforms() -> None:
    """What fails is kept before what conforms, of whichever backend it is."""
    run = large_run(2_000, 0)
    for number, entry in enumerate(run["evidence"]):
        if number != 1_000:
            entry |= {"counts": {"conforms": 1}, "ratio": [0.5, ""]}
    run["missing"] = []
    text = render("markdown", run, "file.json")
    assert "| MAE-VALUE | backend-1000 | violates 7 (1) |" in text
    left = re.search(r"\*And (\d+) more requirements, (\d+) of which conform in", text)
    assert left
    assert 0 < int(left[1]) == int(left[2])


def test_a_name_reads_as_it_is_spelt() -> None:
    """Rendered, the page shows the rude name, character by character."""
    shown = html.unescape(RENDERER.render(render("markdown", rude_run(), "file.json")))
    assert "</details>|`@\u200buser` #\u200b1 ](x) *b*  # h\\u001b[31m\\ud800" in shown
