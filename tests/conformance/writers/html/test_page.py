"""The page holds all of a run, and is what it promises to be."""

from __future__ import annotations

import copy
import hashlib
import math
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.packing import dumps
from conformance.run import exit_code, finding_id, new_findings
from conformance.writers import html

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE: Final = "<script>alert('x')</script> \"quoted\" & ]]> {{ 7 * 7 }} <!-- '"
"""A text that is dangerous wherever it is not escaped."""

CLOSED: Final = frozenset(
    ("case", "cases", "contract", "dtype", "dtypes", "known", "kind", "loss", "losses")
) | {"quantity", "schema", "status", "stop"}
"""Entries of a run whose words are from closed lists, or which are no words."""

HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
ADDRESSES: Final = ("src", "href", "srcset", "data", "poster", "action", "xlink:href")
MOST_BYTES: Final = 3_000_000


def ids_of(page: Any) -> list[str]:
    """Return every id of a page, in order."""
    return [found["id"] for _, found, _ in page.elements if "id" in found]


def test_every_cell_and_finding_has_its_part(page: Any, measured: Any) -> None:
    """Each cell has figures of its own, each finding a witness and a replay line."""
    ids = ids_of(page)
    for cell in measured["cells"]:
        key = (cell["backend"], cell["loss"], cell["dtype"])
        assert f"cell-{finding_id(key)}" in ids
    assert measured["findings"]
    for finding in measured["findings"]:
        assert f"finding-{finding['id']}" in ids
        replay = f"loss-conformance replay {finding['id']} --run 'my folder/run.json'"
        assert replay in page.text()


def test_every_requirement_is_listed(page: Any, measured: Any) -> None:
    """The catalogue is whole, with the statement and the source of each."""
    ids, text = ids_of(page), page.text()
    assert len(measured["requirements"]) > 100
    for requirement in measured["requirements"]:
        assert f"requirement-{requirement['id']}" in ids
        assert " ".join(requirement["statement"].split()) in text
        assert " ".join(requirement["source"].split()) in text


def test_every_link_leads_somewhere(page: Any) -> None:
    """No id is given twice, and each address inside the page has one."""
    ids = ids_of(page)
    assert len(ids) == len(set(ids))
    inside = [a["href"] for a in page.all("a") if a["href"].startswith("#")]
    assert inside
    assert {address[1:] for address in inside} <= set(ids)


def test_the_page_loads_nothing(page: Any) -> None:
    """Nothing but links that a reader may follow names another address."""
    for tag, found, _ in page.elements:
        named = [found[name] for name in ADDRESSES if name in found]
        assert tag == "a" or not named
        assert all(name.startswith(("#", "https://")) for name in named)
        assert not any(name.startswith("on") for name in found)
    assert not {"script", "iframe", "object", "link", "img"} & page.tags().keys()
    (style,) = (text for text, around in page.texts if around[-1:] == ("style",))
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_forbids_all_that_the_page_does_not_need(page: Any) -> None:
    """A browser is told to load nothing and to run nothing."""
    (policy,) = (m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_the_page_can_be_heard(page: Any) -> None:
    """Language, one first heading, no level left out, and tables that name cells."""
    assert page.all("html") == [{"lang": "en"}]
    levels = [HEADINGS.index(t) for t, _, _ in page.elements if t in HEADINGS]
    assert levels[0] == 0
    assert levels.count(0) == 1
    steps = pairwise(levels)
    assert all(after <= before + 1 for before, after in steps)
    tags = page.tags()
    assert tags["caption"] == tags["table"] > 0
    assert tags["summary"] == tags["details"] > 0
    assert all(found.get("scope") for found in page.all("th"))


def test_every_picture_is_told(page: Any) -> None:
    """A plot is an image with a title that gives numbers; a swatch is decoration."""
    pictures = page.all("svg")
    told = [found for found in pictures if found.get("role") == "img"]
    titles = [s for s, around in page.texts if around[-2:] == ("svg", "title")]
    assert len(told) == len(titles) > 0
    assert all(re.search(r"\d+ (cases|verdicts)", title) for title in titles)
    assert all(p.get("aria-hidden") == "true" for p in pictures if p not in told)


def test_a_status_is_never_a_colour_alone(text: str) -> None:
    """Whatever is coloured by its status says it in words too."""
    pattern = r'class="(?:tag )?(?:good|known|warn|bad|odd|mute)"[^>]*>(.{,400})'
    coloured = re.findall(pattern, text, flags=re.DOTALL)
    assert len(coloured) > 100
    read = (re.sub(r"<[^>]*>", "", inside) for inside in coloured)
    assert all(re.match(r"\s*[^\w\s] \w+", words) for words in read)


@pytest.mark.parametrize(
    "part",
    [
        "numpy, mutant:log_of_softmax",
        "exit code 3",
        "seed 7",
        "contract wide: computed in float32, summed in float32",
        "CE-NONE-VALUE",
        "source torch.nn.CrossEntropyLoss",
        "tutorial-cross-entropy",
        "ce-log-of-0",
        "until 2030-01-01",
        "cross_entropy in float16: value (infinity) when min_elements = 1",
        "is of the wrong class (infinity)",
        "0x",
        "correctly rounded",
        "known findings as of 2026-01-01",
        "workers were busy",
    ],
)
def test_the_page_shows(part: str, page: Any) -> None:
    """Verdict, contract, requirements, examples, excuses, witnesses, environment."""
    assert part in page.text()


def test_new_findings_are_counted(page: Any, measured: Any) -> None:
    """The verdict says how many there are, and on which backend."""
    found = new_findings(measured)
    assert len(found) > 1
    assert f"{len(found)} new findings on mutant:log_of_softmax" in page.text()


def test_each_cell_has_its_plots(page: Any) -> None:
    """Four for each cell, and one more where there are logits."""
    around = ("figcaption", "strong")
    shown = Counter(text for text, tags in page.texts if tags[-2:] == around)
    assert shown.pop("error against logit gap") == 4
    everywhere = ("error/bound", "error in ulp", "error against bound")
    assert shown == dict.fromkeys((*everywhere, "error against size"), 8)


def test_the_page_depends_on_the_run_alone(
    measured: Any, text: str, tmp_path: Path
) -> None:
    """Another process, with settings of its own for plots, writes the same bytes."""
    before = copy.deepcopy(measured)
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nsvg.fonttype: path\n")
    (tmp_path / "run").write_text(dumps(measured))
    program = (
        "import hashlib, pathlib\n"
        "from conformance.packing import loads\n"
        "from conformance.writers import html\n"
        "run = loads(pathlib.Path('run').read_text())\n"
        "text = html.write(run, 'my folder/run.json')\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(text.encode()).hexdigest()
    assert measured == before


def _poison(value: Any, text: str) -> Any:
    """Return plain data in which `text` is added to what others write."""
    if isinstance(value, dict):
        return {k: v if k in CLOSED else _poison(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [_poison(v, text) for v in value]
    return f"{value} {text}" if isinstance(value, str) else value


def _poisoned(run: Any, text: str) -> Any:
    name = f"mine {text}"
    run = _poison(run, text)
    for entry in (*run["cells"], *run["points"], *run["findings"], *run["evidence"]):
        entry["backend"] = name
    run["backends"][0]["name"] = name
    run["faults"], run["notes"] = {text: 1}, {text: 2}
    run["cells"][0]["skipped"] = {text: 3}
    declined = run["requirements"][0]["id"]
    run["plan"]["unsupported"] = [[declined, name, "float32", text]]
    run["known"] = [_excused(text)]
    return run


def _excused(text: str) -> dict[str, Any]:
    """Return a known finding as a run tells of it, with a link that is a program."""
    return {
        **dict.fromkeys(("id", "backend", "reason", "witness", "quantity"), text),
        "loss": "mae",
        "kind": "value",
        "dtypes": ["float32"],
        "when": {text: text},
        "versions": {"a": text},
        "link": "javascript:alert(1)",
        "expires": "2030-01-01",
        "ceiling": 2.0,
        "count": 1,
        "ratio": [1.5, "x"],
        "expired": True,
        "stale": [[text, "float32"]],
        "elsewhere": [[text, "float32"]],
        "confirmed": [[text, "float32"]],
    }


def test_nothing_that_others_wrote_becomes_markup(
    small: Any, read: Callable[[Any], Any]
) -> None:
    """Names, messages, statements and values are shown letter by letter."""
    page, plain = (read(_poisoned(small, text)) for text in (HOSTILE, "harmless"))
    assert [e[0] for e in page.elements] == [e[0] for e in plain.elements]
    assert page.text().count(HOSTILE) > 40
    assert not any(a["href"].startswith("javascript:") for a in page.all("a"))


def _emptied(run: dict[str, Any]) -> None:
    for name in ("cells", "points", "findings", "evidence", "requirements", "backends"):
        run[name] = []
    run["totals"] = {"cases": 0, "elements": 0, "verdicts": {}}


def _all_known(run: dict[str, Any]) -> None:
    for finding in run["findings"]:
        finding["status"], finding["known"] = "known", "K"
    counts = run["cells"][0]["counts"]
    run["cells"][0]["counts"] = {"known": sum(counts.values())}
    run["known"] = [_excused("") | {"id": "K", "expired": False, "stale": []}]


def _unmeasured(run: dict[str, Any]) -> None:
    cell = run["cells"][0]
    for name in ("ratio_bins", "ulp_bins", "resolution_bins"):
        cell[name] = [0] * len(cell[name])
    cell["measured"] = cell["rounded"] = 0
    cell["ratio"] = cell["ulps"] = [0.0, ""]
    run["points"] = []


def _infinite(run: dict[str, Any]) -> None:
    cell = run["cells"][0]
    cell["ratio"], cell["ulps"] = [math.inf, "x"], [math.nan, "x"]
    run["points"][0]["cases"] = [
        "x inf nan 0 0 inf value=violates",
        "y 0.5 1e-320 inf 3 0",
        "z -1 0 0 3 0 value=wrong-class",
    ]


def _one_point(run: dict[str, Any]) -> None:
    run["points"][0]["cases"] = ["x 0 0 0 0 0"]


STATES: Final = {
    "killed": (lambda run: run.update(stop="killed"), 3, "The run was killed"),
    "interrupted": (lambda run: run.update(stop="interrupted"), 130, "Interrupted"),
    "empty": (_emptied, 5, "Nothing was checked"),
    "all-known": (_all_known, 0, "Nothing new: all but known findings conform"),
    "unmeasured": (_unmeasured, 1, "Nothing was measured here"),
    "infinite": (_infinite, 1, "inf in case x"),
    "one-point": (_one_point, 1, "Error against bound of 1 cases"),
}


@pytest.mark.parametrize("name", STATES)
def test_every_run_has_a_page(
    name: str, small: Any, read: Callable[[Any], Any]
) -> None:
    """However little a run holds, and however odd its figures, it is told."""
    change, code, shown = STATES[name]
    change(small)
    assert exit_code(small) == code
    page = read(small)
    assert f"exit code {code}" in page.text()
    assert shown in page.text()
    inside = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert inside <= set(ids_of(page))


def test_a_self_test_is_shown_where_there_is_one(
    small: Any, page: Any, read: Callable[[Any], Any]
) -> None:
    """Each mutant has a row with a mark under each check that caught it."""
    row = {"name": "zeros", "mechanism": "gives <0>", "kills": {"value": 3}}
    lost = {"name": "ghost", "mechanism": "hides", "kills": {}, "first": None}
    first = {"requirement": "MAE-1", "check": "value", "status": "violates"}
    small["self_test"] = {
        "mutants": [{**row, "first": first}, lost],
        "survivors": ["ghost"],
        "checks": {"value": {"kills": 1}, "shape": {"kills": 0}},
        "cells": [],
        "profile": "quick",
        "seed": 0,
        "accusations": [],
        "faults": [],
    }
    taken = read(small)
    for part in (
        "1 of 2 mutants caught",
        "gives <0>",
        "MAE-1",
        "survives: mutant:ghost",
    ):
        assert part in taken.text()
    assert [m for m in taken.all("span") if m.get("aria-label") == "caught"] == [
        {"aria-label": "caught"}
    ]
    assert "Kill matrix" not in page.text()


def test_what_an_author_may_want_to_say_is_shown(
    small: Any, page: Any, read: Callable[[Any], Any]
) -> None:
    """A kind of case that a backend may decline; nothing without such a finding."""
    small["backends"][0]["spec"] = "./mine.py:f"
    name = small["backends"][0]["name"]
    finding = next(f for f in small["findings"] if f["backend"] == name)
    finding |= {"status": "accepted-invalid", "kind": "accepted", "known": ""}
    text = read(small).text()
    assert "What you may want to say" in text
    assert 'declined = {"invalid": "…"}' in text
    assert "What you may want to say" not in page.text()


@pytest.mark.parametrize("lost", ["totals", "requirements", "points", "environment"])
def test_a_damaged_run_is_refused(lost: str, small: Any) -> None:
    """What a run file lacks is noticed, rather than left out of the page."""
    small[lost] = {} if isinstance(small[lost], dict) else [{}]
    with pytest.raises(LookupError):
        html.write(small, "run.json")


@pytest.mark.slow
def test_a_page_of_a_quick_run_is_small(run: Any) -> None:
    """Two backends with a thousand cases in each of 24 cells take at most 3 MB."""
    numbers = [(i * 7919 % 1009) / 1009 + 1e-9 for i in range(1000)]
    lines = [
        f"{i:012x} {r:.6g} {r * 1e-7:.6g} 1e-07 {1 + i % 97} {100 * r:.6g}"
        f"{' value=known' if i % 3 else ''}"
        for i, r in enumerate(numbers)
    ]
    cell = run["cells"][0]
    losses, dtypes = ("mae", "mse", "cross_entropy"), run["dtypes"] + ["x", "y"]
    keys = [
        {"backend": b["name"], "loss": loss, "dtype": dtype}
        for b in run["backends"]
        for loss in losses
        for dtype in dtypes
    ]
    run["losses"], run["dtypes"] = list(losses), dtypes
    run["cells"] = [{**cell, **key} for key in keys]
    run["points"] = [{**key, "cases": lines} for key in keys]
    text = html.write(run, "run.json")
    assert text.count("<figure>") == 24 * 5
    assert (
        len(text.encode()) < MOST_BYTES - 1_000_000
    )  # findings and evidence come on top
