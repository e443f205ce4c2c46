"""Regression reports say what a comparison holds, in every form."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import json
import math
import re
from html.parser import HTMLParser
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.comparison.compare import compare
from conformance.comparison.model import Change
from conformance.packing import loads
from conformance.verdict import Status
from conformance.writers.comparison import (
    document,
    facts,
    heads,
    markdown,
    page,
    terminal,
)
from conformance.writers.comparison.report import Report

with pytest.MonkeyPatch.context() as _patch:
    _patch.syspath_prepend(str(Path(__file__).parents[1] / "comparison"))
    _made = import_module("made_runs")
make, Seen, WHOLE = _made.make, _made.Seen, _made.WHOLE

SCHEMA = json.loads(
    (resources.files("conformance") / "schemas" / "comparison.schema.json").read_text(
        "utf-8"
    )
)
PINNED = {("a", "float32"): True}
WRITERS = {
    "terminal": terminal.write,
    "markdown": markdown.write,
    "html": page.write,
    "json": document.write,
}


def full() -> Report:
    """Return a report with every change, a failure, and a stale entry."""
    both = [Seen(i, ratio=0.1) for i in range(40)]
    formats = [one._replace(dtype="float64") for one in both]
    b = [Seen(i, Status.SUSPECT, backend="b", requirement="B") for i in range(3)]
    c = [Seen(1, backend="c")]
    e = [Seen(1, backend="e")]
    bad = Seen(1, Status.VIOLATES, 7.0, requirement="R<1>")
    old = make([*both, *formats, *b, *c, *e], pinned=PINNED)
    drifted = [one._replace(ratio=0.4) for one in formats]
    better = [one._replace(status=Status.CONFORMS) for one in b]
    d = [Seen(1, backend="<d>|&")]
    new = make(
        [bad, *both[2:], *drifted, *better, *d, *e],
        pinned={("a", "float32"): False},
    )
    new["environment"]["packages"]["numpy"] = "2.5"
    (new_e,) = (x for x in new["backends"] if x["name"] == "e")
    new_e["contract"] = {**new_e["contract"], "stages": True}
    return Report(compare(old, new), "old.json", "new file.json")


SHOWN = (
    "old.json",
    "new file.json",
    "2.4",
    "2.5",
    "not comparable",
    "worse",
    "drift",
    "missing",
    "better",
    "value: conforms → violates",
    "cases that differ",
    "contract: wide in OLD, wide in NEW; they differ in stages",
    "OLD has no such backend",
    "the entry must be removed",
    "holds → not asked for",
    "moved 5 of 6 cells (1 worse, 1 missing, 1 drift, 1 better, 1 new)",
    "1 finding of NEW fails",
)


@pytest.mark.parametrize("form", WRITERS)
def test_a_report_shows_everything(form: str) -> None:
    """Versions, each change with its reason, findings, requirements, the summary."""
    text = WRITERS[form](full())
    if form == "html":
        text = text.replace("&gt;", ">").replace("&lt;", "<")
    if form == "json":
        text = json.dumps(json.loads(text), ensure_ascii=False)
    for part in SHOWN:
        assert part in text, part


def test_every_change_is_in_the_example() -> None:
    """What the test above says of each is said of all."""
    comparison = full().comparison
    assert {cell.change for cell in comparison.cells} == set(Change) - {Change.SAME}


@pytest.mark.parametrize("form", WRITERS)
def test_a_report_depends_on_the_comparison_alone(form: str) -> None:
    """The same comparison gives the same text, without clock or host."""
    report = full()
    before = copy.deepcopy(report)
    assert WRITERS[form](report) == WRITERS[form](before)
    assert report == before


def test_the_document_keeps_to_its_schema() -> None:
    """An independent validator reads it, and exact floats come back."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    text = document.write(full())
    validate(text)
    data = loads(text)
    assert data["factor"] == 2.0
    (worse,) = (c for c in data["cells"] if c["change"] == "worse")
    assert worse["figures"]["new"]["ratio"] == 7.0


def validate(text: str) -> None:
    """Raise unless `text` is a document of the schema."""
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("exit_code",), 2),
        (("fail_on",), []),
        (("cells", 0, "change"), "unchanged"),
        (("cells", 0, "extra"), 1),
        (("factor",), 2.0),
        (("counts", "cells", "odd"), 1),
    ],
)
def test_the_schema_refuses(place: tuple[Any, ...], wrong: Any) -> None:
    """It is not so wide that it would say yes to anything."""
    data = json.loads(document.write(full()))
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = wrong
    with pytest.raises(jsonschema.ValidationError):
        validate(json.dumps(data))


@settings(max_examples=30)
@given(st.lists(WHOLE, max_size=20), st.lists(WHOLE, max_size=20))
def test_any_comparison_can_be_written(old: list[Any], new: list[Any]) -> None:
    """No two runs are such that a form fails, or the document leaves its schema."""
    report = Report(compare(make(old), make(new)), "old", "new")
    validate(document.write(report))
    assert len(markdown.write(report).encode()) <= markdown.MOST
    for form in ("terminal", "html"):
        assert facts.headline(report)[:6] in WRITERS[form](report).replace(
            "exit code ", "exit "
        )


def test_nan_and_infinity_survive() -> None:
    """What nobody could compute is infinite in the document, not null."""
    run = make([Seen(1, Status.VIOLATES, math.nan)])
    validate(document.write(Report(compare(run, run), "old", "new")))


class Page(HTMLParser):
    """Collects what a page consists of."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.values: list[str] = []
        self.headers: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag and its attributes."""
        self.tags.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        if tag == "th":
            self.headers.append(dict(attrs))
        self.values += [value or "" for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag


def test_the_page_stands_alone() -> None:
    """No script, nothing from elsewhere, well nested, headers with a scope."""
    text = page.write(full())
    seen = Page()
    seen.feed(text)
    seen.close()
    assert not seen.open
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(seen.tags)
    assert not [value for value in seen.values if "//" in value]
    assert "url(" not in text
    assert all(header.get("scope") for header in seen.headers)
    assert "prefers-color-scheme: dark" in text
    levels = [int(tag[1]) for tag in seen.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


@pytest.mark.parametrize("form", ["markdown", "html", "terminal"])
def test_names_do_not_become_markup(form: str) -> None:
    """What a backend or a file is called is text."""
    names = ["<script>alert(1)</script>", "a|b", "`x`", '"><img src=x>', "\x1b[31m"]
    old = make([Seen(1, backend=name) for name in names])
    new = make([Seen(1, Status.VIOLATES, 7.0, backend=name) for name in names])
    text = WRITERS[form](Report(compare(old, new), "<b>old", "new|<i>"))
    if form != "terminal":
        assert not re.search(r"<(script|img|b|i)\b(?!>[^<]*</b>)", text)
    assert "\x1b" not in text
    if form == "markdown":
        tables = [line for line in text.splitlines() if line.startswith("| worse")]
        columns = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
        requirements = 5
        assert columns == {len(facts.CELLS) + 1, requirements + 1}


def test_markdown_is_never_too_long() -> None:
    """A comment that is refused by its host tells nothing: the end is cut, and said."""
    many = [Seen(1, backend=f"{'backend' * 9}{i}") for i in range(400)]
    broken = [one._replace(status=Status.VIOLATES, ratio=7.0) for one in many]
    text = markdown.write(Report(compare(make(many), make(broken)), "old", "new"))
    assert len(text.encode()) <= markdown.MOST
    assert re.search(r"\*And \d+ more cells\.\*", text)
    assert re.search(r"\*And \d+ more lines\.\*", text)
    assert "Exit 1: regression" in text
    alike = markdown.write(Report(compare(make(many), make(many)), "old", "new"))
    assert markdown.MOST * 0.9 < len(alike.encode()) <= markdown.MOST


def test_the_terminal_is_never_flooded() -> None:
    """Of many things of one kind the first are told, the rest counted."""
    many = [Seen(1, backend=f"b{i}") for i in range(40)]
    broken = [one._replace(status=Status.VIOLATES, ratio=7.0) for one in many]
    text = terminal.write(Report(compare(make(many), make(broken)), "old", "new"))
    assert f"… and {40 - terminal.FULL} more" in text
    assert "\x1b" not in text


def test_what_is_told_of_a_worker_is_compared_within_its_pair() -> None:
    """Backends of two names do not differ by that alone; where they do, it is told."""
    runs = []
    for name, threads in (("a", 1), ("b", 2)):
        run = make([Seen(1, backend=name)])
        run["environment"]["workers"] = {name: {"threads": threads, "gpu": None}}
        runs.append(run)
    report = Report(compare(*runs), "old", "new")
    assert list(heads.differing(report)) == ["workers a → b threads: 1 → 2"]


def test_a_comparison_that_leaves_something_open_is_not_called_clean() -> None:
    """Exit 0 with a cell that could not be compared says so."""
    old, new = (make([Seen(1), Seen(1, backend="b")]) for _ in range(2))
    new["backends"][1]["contract"] = {"name": "other"}
    report = Report(compare(old, new), "old", "new")
    assert facts.headline(report) == "exit 0: no regression in what can be compared"


def test_one_time_is_no_plural() -> None:
    """The last number decides."""
    (finding, *_) = full().comparison.findings
    once = dataclasses.replace(finding, old=(2, 0.0), new=(1, 0.0))
    assert facts.extent(once) == "2 → 1 time"
    assert facts.extent(dataclasses.replace(once, new=(0, 0.0))) == "2 → 0 times"


def test_reasons_need_no_scrolling() -> None:
    """A row of them begins at the left edge, and is no wider than the window."""
    text = page.write(full())
    rows = re.findall(r'<tr class="reasons"><td colspan="(\d+)"><ul>', text)
    assert len(rows) == text.count('class="reasons"') == 6
    assert set(rows) == {str(len(facts.CELLS))}
    (style,) = re.findall(r"^\.reasons ul {(.*)}$", text, re.MULTILINE)
    assert "position: sticky" in style
    assert re.search(r"max-width: min\(\d+rem, 100vw - \d+rem\)", style)


def test_what_is_alike_takes_several_lines() -> None:
    """The terminal shows all of it, in lines that a narrow window need not fold."""
    text = terminal.write(full())
    block = text.partition("the same in both\n")[2].partition("\n\n")[0]
    lines = block.splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= terminal.WIDTH + 2
    assert " ".join(line.strip() for line in lines) == heads.common(full())
