"""Runs to be shown: a small real one, and one in which everything is hostile."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance import environment
from conformance.findings import Excuses, Known
from conformance.journal import Record
from conformance.loading import load
from conformance.packing import unpack
from conformance.plan import Scope, Subject, make_corpus, make_plan
from conformance.profiles import Profile
from conformance.provenance import oracle
from conformance.run import FINISHED, build_run
from conformance.tally import Tally
from conformance.tools import PRODUCTION, resolve
from conformance.unit import CorpusUnit, PoolUnit, Settings, perform
from conformance.writers import html

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.unit import Unit

BACKENDS: Final = ("numpy", "mutant:log_of_softmax")
LOSSES: Final = ("mae", "cross_entropy")
DTYPES: Final = ("float16", "float32")
PROFILE: Final = Profile("tiny", pool=12, search=0)
TODAY: Final = dt.date(2026, 1, 1)


def excuse(**changes: Any) -> Known:
    """Return a known finding of cross-entropy in float16 on the mutant."""
    day = dt.date(2030, 1, 1)
    entry = Known("ce-log-of-0", "mutant:*", "cross_entropy", "value", "infinity",
                  ("float16",), "the logarithm of 0", "https://example.org/1", day,
                  "gap-6", when={"min_elements": 1})  # fmt: skip
    return replace(entry, **changes)


def header(excuses: Excuses) -> dict[str, Any]:
    """Return what a run tells before its first unit."""
    tools = resolve(PRODUCTION)
    scope = Scope(LOSSES, DTYPES, PROFILE, 7)
    loaded = [(spec, load(spec)) for spec in BACKENDS]
    subjects = [Subject(spec, b.name, b.capabilities) for spec, b in loaded]
    plan = make_plan(scope, subjects, tools)
    workers = {s.name: environment.of_worker("cpu") for s in subjects}
    return {
        "shard": None,
        "seed": 7,
        "pool_version": tools.pool_version,
        "corpus": make_corpus(scope, tools),
        "oracle": oracle(),
        "profile": dict(vars(PROFILE)),
        "losses": list(LOSSES),
        "dtypes": list(DTYPES),
        "today": TODAY.isoformat(),
        "excuses": [entry.to_json() for entry in excuses.entries],
        "environment": {**environment.describe(), "workers": workers},
        "other_environments": [],
        "backends": [subject.to_json() for subject in subjects],
        "plan": plan.to_json(),
        "requirements": [dict(r) for r in plan.requirements],
    }


def units() -> list[Unit]:
    """Return a few pool cases of each cell, and the examples."""
    pool: list[Unit] = [
        PoolUnit(loss, dtype, 0, PROFILE.pool, BACKENDS, 7)
        for loss in LOSSES
        for dtype in DTYPES
    ]
    names = [c.name for c in resolve(PRODUCTION).corpus("cross_entropy", "float32")]
    at = names.index("tutorial-cross-entropy")
    return [*pool, CorpusUnit("cross_entropy", "float32", at, at + 1, BACKENDS)]


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return a run of two backends, one of them wrong, that is not to be changed."""
    crumb: Path = tmp_path_factory.mktemp("crumb") / "crumb"
    excuses = Excuses((excuse(),), TODAY)
    tally = Tally()
    for unit in units():
        done = unpack(json.loads(perform(unit, Settings(excuses, PRODUCTION), crumb)))
        tally.merge(Tally.from_json(done["tally"]))
    run = build_run(Record(header(excuses), tally), excuses, FINISHED)
    run["time"]["seconds"] = 1.5
    return run


@pytest.fixture
def run(measured: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of the measured run, to be changed."""
    return copy.deepcopy(measured)


VOID: Final = frozenset({"meta", "br", "hr", "img", "input", "link"})
EMPTY: Final = frozenset({"path"})
"""Elements of SVG that we close where they open."""


class Page(HTMLParser):
    """A page taken apart; a tag that is not closed in its turn is refused.

    Attributes:
        elements: `(tag, attributes, the tags around it)`, in order.
        texts: `(text, the tags around it)`, in order.
    """

    def __init__(self, text: str) -> None:
        """Take `text` apart."""
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.texts: list[tuple[str, tuple[str, ...]]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Open an element, none of whose attributes is given twice."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found, tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """Open and close an element that may be written so."""
        assert tag in EMPTY
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.texts.append((data, tuple(self._open)))

    def all(self, *tags: str) -> list[dict[str, str]]:
        """Return the attributes of all elements of these tags."""
        return [found for tag, found, _ in self.elements if tag in tags]

    def tags(self) -> Counter[str]:
        """Return how often each tag occurs."""
        return Counter(tag for tag, _, _ in self.elements)

    def text(self) -> str:
        """Return all that can be read, on one line."""
        seen = (text for text, around in self.texts if "style" not in around)
        return " ".join(" ".join(seen).replace("\u00a0", " ").split())


@pytest.fixture(scope="session")
def text(measured: dict[str, Any]) -> str:
    """Return the page of the measured run."""
    return html.write(measured, "my folder/run.json")


@pytest.fixture(scope="session")
def page(text: str) -> Page:
    """Return the same, taken apart."""
    return Page(text)


@pytest.fixture
def read() -> Callable[[dict[str, Any]], Page]:
    """Return what takes the page of a run apart."""
    return lambda run: Page(html.write(run, "run.json"))


@pytest.fixture
def small(run: dict[str, Any]) -> dict[str, Any]:
    """Return a run of one cell, cross-entropy in float32 on the wrong backend."""
    key = {"backend": BACKENDS[1], "loss": "cross_entropy", "dtype": "float32"}
    for name in ("cells", "points", "findings"):
        run[name] = [e for e in run[name] if all(e[k] == v for k, v in key.items())]
    run["backends"] = [b for b in run["backends"] if b["name"] == BACKENDS[1]]
    run["losses"], run["dtypes"] = ["cross_entropy"], ["float32"]
    run["requirements"] = [r for r in run["requirements"] if "-VALUE" in r["id"]][:3]
    kept = {r["id"] for r in run["requirements"]}
    run["evidence"] = [
        e
        for e in run["evidence"]
        if e["requirement"] in kept
        and (e["backend"], e["dtype"]) == (BACKENDS[1], "float32")
    ]
    run["missing"], run["named"], run["known"] = [], [], []
    run["plan"] = {"planned": [], "unsupported": []}
    return run
