"""Run files and journals that are damaged, foreign or made to mislead."""

from __future__ import annotations

import copy
import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from hostile import PAYLOADS, Attack, attack

from conformance.cli import COMMANDS
from conformance.journal import Journal, journal_of
from conformance.run import load_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["attack"]

READERS = {
    "report": ("report", "x"),
    "terminal": ("report", "x", "--format", "terminal"),
    "replay": ("replay", "--all", "--run", "x"),
    "replay-id": ("replay", "0123456789ab", "--run", "x"),
    "merge": ("merge", "x", "--output", "merged.json"),
    "compare": ("compare", "x", "x"),
}
"""Every command that reads a run file, here called x."""

READERS = {name: words for name, words in READERS.items() if words[0] in COMMANDS}


@pytest.fixture(scope="module")
def text(run_files: dict[str, Path]) -> str:
    """Return the text of a run with findings, known ones too."""
    return run_files["failing"].read_text(encoding="utf-8")


def with_head(**members: Any) -> str:
    """Return a document that begins as a run file."""
    return json.dumps(
        {"schema": "loss-conformance run", "schema_version": 2, **members}
    )


FOREIGN: dict[str, str | bytes] = {
    "nothing": b"",
    "blank": b"\n \n",
    "mark of order": "\ufeff{}",
    "utf-16": "{}".encode("utf-16"),
    "latin-1": '{"ä": 1}'.encode("latin-1"),
    "nul": b"\x00" * 99,
    "png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(99),
    "number": "7",
    "text": '"loss-conformance run"',
    "null": "null",
    "list": "[]",
    "object": "{}",
    "xml": "<?xml version='1.0'?><testsuites/>",
    "lines": '{"a": 1}\n{"a": 2}\n',
    "other program": '{"schema": "other", "schema_version": 2}',
    "schema a list": '{"schema": ["loss-conformance run"], "schema_version": 2}',
    "version 1": with_head(schema_version=1),
    "version 3": with_head(schema_version=3),
    "version a text": with_head(schema_version="2"),
    "version huge": with_head(schema_version=10**99),
    "version null": with_head(schema_version=None),
    "outline": with_head(),
    "same key twice": with_head()[:-1] + ', "schema": "loss-conformance run"}',
    "deep lists": "[" * 1_000_000,
    "deep objects": '{"a":' * 1_000_000,
    "deep inside": with_head()[:-1] + ', "cells": ' + "[" * 5000 + "]" * 5000 + "}",
    "many digits": with_head()[:-1] + ', "seed": ' + "9" * 5000 + "}",
    "float": with_head(seed=1)[:-1] + ', "x": 1e999}',
    "nan": with_head(seed=1)[:-1] + ', "x": NaN}',
    "infinity": with_head(seed=1)[:-1] + ', "x": -Infinity}',
    "trailing": with_head() + "}",
    "pickle": b"\x80\x04cposix\nsystem\n(X\x08\x00\x00\x00touch hit\x85R.",
    "journal without header": '{"mark": "loss-conformance journal"}\n',
    "journal of a list": '["loss-conformance journal"]\n',
    "journal of nothing": '{"header": {}, "mark": "loss-conformance journal"}\n',
    "journal cut short": '{"header": {"seed": 0}, "mark": "loss-conformance journal"',
    "journal of null": '{"header": null, "mark": "loss-conformance journal"}\n',
    "deep journal": '"loss-conformance journal"' + "[" * 1_000_000 + "\n",
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_run_file_is_refused(attack: Attack, kind: str, reader: str) -> None:
    """Exit code 2, a message that names the file, and nothing else happens."""
    attack.file("x", FOREIGN[kind])
    assert "x " in attack(*READERS[reader])


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "kind", ["folder", "pipe", "loop", "missing", "device", "long"]
)
def test_what_is_no_file_is_refused(attack: Attack, kind: str, reader: str) -> None:
    """Nothing is waited for."""
    path, name = attack.folder / "x", "x"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to("x")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "long":
        name = "x" * 300
    words = [name if word == "x" else word for word in READERS[reader]]
    assert "cannot be read" in attack(*words)


@pytest.mark.parametrize("part", range(50))
def test_a_file_cut_short_is_refused(attack: Attack, text: str, part: int) -> None:
    """At every fiftieth of it."""
    attack.file("x", text[: len(text) * part // 50])
    reader = list(READERS.values())[part % len(READERS)]
    assert "x " in attack(*reader)


WRONG: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        2**60,
        "",
        "text",
        [],
        {},
        [[]],
        {"$float": "nan"},
        {"$float": 7},
    ),
)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything inside `value`; of a list, to its first element."""
    inside = value.items() if isinstance(value, dict) else enumerate(value[:1])
    for key, item in inside:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


def put(document: Any, way: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a document with something else at one place."""
    made = copy.deepcopy(document)
    inside = made
    for key in way[:-1]:
        inside = inside[key]
    inside[way[-1]] = value
    return made


@pytest.mark.parametrize("part", range(8))
def test_a_wrong_type_anywhere_is_refused_or_harmless(
    attack: Attack, text: str, part: int
) -> None:
    """Each place gets something else: the file is refused, or the report is whole."""
    document = json.loads(text)
    refused = 0
    for number, way in enumerate(places(document)):
        if number % 8 != part:
            continue
        wrong = WRONG[number // 8 % len(WRONG)]
        attack.file("x", json.dumps(put(document, way, wrong)))
        form = ("markdown", "terminal", "junit")[number // 8 % 3]
        said = attack("report", "x", "--format", form, codes=(0, 2))
        refused += "x is damaged" in said
    # Free texts may be anything; what carries the result may not.
    assert refused > 30


PAGES = (
    ("report", "x", "--format", "html"),
    ("compare", "old", "x", "--format", "html"),
)
"""Commands that write a page for a browser about the file x."""

FREE_TEXTS: dict[str, tuple[Any, ...]] = {
    "spec": ("backends", 0, "spec"),
    "statement": ("requirements", 0, "statement"),
    "source": ("requirements", 0, "source"),
    "reason": ("named", 0, "reason"),
    "exact": ("named", 0, "exact"),
    "got": ("named", 0, "got"),
    "name": ("named", 0, "name"),
    "status": ("named", 0, "status"),
    "detail": ("findings", 0, "verdict", "detail"),
    "rule": ("findings", 0, "verdict", "evidence", "rule"),
    "got of a finding": ("findings", 0, "verdict", "evidence", "got"),
    "origin": ("findings", 0, "case", "origin"),
    "known": ("known", 0, "reason"),
    "link": ("known", 0, "link"),
    "fault": ("faults",),
    "note": ("notes",),
    "skipped": ("cells", 0, "skipped"),
    "contract": ("backends", 0, "contract", "name"),
    "package": ("environment", "packages", "numpy"),
    "platform": ("environment", "platform"),
    "profile": ("profile", "name"),
}


def unfenced(page: str) -> str:
    """Return Markdown without its blocks of code, where nothing is markup."""
    return "".join(re.split(r"^```.*$", page, flags=re.MULTILINE)[::2])


@pytest.mark.parametrize("where", FREE_TEXTS)
def test_texts_that_act_are_shown_as_text(
    attack: Attack, text: str, where: str
) -> None:
    """Control characters, reordered lines and markup do nothing."""
    payload = " ".join(PAYLOADS.values())
    table = where in {"fault", "note", "skipped"}
    document = put(
        json.loads(text), FREE_TEXTS[where], {payload: 1} if table else payload
    )
    attack.file("x", json.dumps(document))
    for form in ("terminal", "markdown", "junit", "annotations", "badge"):
        said = attack("report", "x", "--format", form, codes=(0,))
        assert form in {"terminal", "annotations"} or "<script" not in unfenced(said)


def everywhere(text: str, payload: str) -> str:
    """Return a run file with `payload` in each free text."""
    document = json.loads(text)
    for where, way in FREE_TEXTS.items():
        table = where in {"fault", "note", "skipped"}
        document = put(document, way, {payload: 1} if table else payload)
    return json.dumps(document)


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_a_page_has_no_markup_of_others(
    attack: Attack, text: str, words: tuple[str, ...]
) -> None:
    """Elements and handlers in texts come out as text, in whatever form of report."""
    pytest.importorskip("matplotlib")
    attack.file("x", everywhere(text, " ".join(PAYLOADS.values())))
    attack.file("old", text)
    page = attack(*words, codes=(0, 3))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("payload", sorted(PAYLOADS.keys() - {"html", "surrogate"}))
def test_a_name_of_a_backend_that_acts_is_refused(
    attack: Attack, text: str, payload: str
) -> None:
    """It is shown escaped in the message."""
    document = json.loads(text)
    made = text.replace(
        json.dumps(document["backends"][0]["name"]), json.dumps(PAYLOADS[payload])
    )
    attack.file("x", made)
    assert "x is damaged" in attack("report", "x")


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/passwd", "", " ", "*", "x" * 10_000, "%s%n", "\x1b[2J"]
)
def test_an_id_that_is_none_finds_nothing(attack: Attack, text: str, name: str) -> None:
    """A path in place of an id leads nowhere, in a file and on the command line."""
    attack.file("x", text)
    attack("replay", name, "--run", "x")
    attack.file("y", json.dumps(put(json.loads(text), ("findings", 0, "id"), name)))
    assert "y is damaged" in attack("report", "y")


ARRAY = ("findings", 0, "case", "arguments", "input")
BOMBS: dict[str, dict[tuple[Any, ...], Any]] = {
    "leaves its buffer": {(*ARRAY, "offset"): 9},
    "far away": {(*ARRAY, "offset"): 2**53 - 1},
    "strides too few": {(*ARRAY, "strides"): []},
    "negative": {(*ARRAY, "strides"): [-1], (*ARRAY, "shape"): [2]},
    "of objects": {(*ARRAY, "dtype"): "object"},
    "of complex numbers": {(*ARRAY, "dtype"): "complex128"},
    "exponent": {(*ARRAY, "base"): ["0x1.0p+9999"]},
    "decimal": {(*ARRAY, "base"): ["1"], (*ARRAY, "dtype"): "float32"},
    "many axes": {(*ARRAY, "shape"): [1] * 65, (*ARRAY, "strides"): [1] * 65},
    "wide integer": {(*ARRAY, "base"): ["9" * 19], (*ARRAY, "dtype"): "int8"},
}


@pytest.mark.parametrize("kind", BOMBS)
def test_an_array_that_is_none_is_refused(attack: Attack, text: str, kind: str) -> None:
    """A view outside its buffer, a type that is none, a number that is none."""
    document = json.loads(text)
    for way, value in BOMBS[kind].items():
        document = put(document, way, value)
    attack.file("x", json.dumps(document))
    for reader in READERS.values():
        assert "x is damaged" in attack(*reader)


def test_an_expanded_array_without_end_is_shown_at_once(
    attack: Attack, text: str
) -> None:
    """A petabyte of the same number is a valid view of one: it is not walked."""
    document = json.loads(text)
    for name in ("input", "target"):
        way = (*ARRAY[:-1], name)
        document = put(document, (*way, "shape"), [2**25, 2**25])
        document = put(document, (*way, "strides"), [0, 0])
    document = put(document, ("findings", 0, "shrunk"), None)
    attack.file("x", json.dumps(document))
    said = attack("report", "x", "--format", "terminal", codes=(0,))
    assert f"all {2**50} elements" in said


@pytest.fixture
def journal(attack: Attack, run_files: dict[str, Path]) -> list[str]:
    """Return the lines of a journal."""
    path = journal_of(attack.folder / "j")
    run = load_run(run_files["failing"])
    from conformance.merging import record_of

    with Journal(path, run) as made:
        made.add({"tally": record_of(run).tally.to_json()})
        made.add({"tally": record_of(run).tally.to_json()})
    lines = path.read_text(encoding="utf-8").split("\n")
    path.unlink()
    return lines


LINES: dict[str, Callable[[str], str]] = {
    "cut": lambda line: line[: len(line) // 2],
    "gone": lambda _: "",
    "number": lambda _: "7",
    "text": lambda _: '"tally"',
    "other": lambda _: '{"tally": {}}',
    "tables": lambda _: '{"tally": {"cells": 7}}',
    "deep": lambda _: "[" * 100_000,
    "twice": lambda line: line[:-1] + ',"tally":{}}',
    "float": lambda line: line.replace('"coarse": 0', '"coarse": 0.5'),
    "negative": lambda line: line.replace('"coarse": 0', '"coarse": -7'),
    "key": lambda line: line.replace('"wrong@3"', '"elsewhere"'),
    "keys": lambda line: line.replace('["wrong@3", "mae"', '["wrong@3"'),
}


@pytest.mark.parametrize("how", LINES)
def test_a_journal_damaged_in_the_middle_is_refused(
    attack: Attack, journal: list[str], how: str
) -> None:
    """Found beside the run file that is asked for, and named in the message."""
    journal[1] = LINES[how](journal[1])
    attack.file("x.journal.jsonl", "\n".join(journal))
    for reader in READERS.values():
        assert "x.journal.jsonl is damaged" in attack(*reader)


def test_what_is_refused_leaves_the_old_output(attack: Attack, text: str) -> None:
    """A report or a merged run that was there before is kept, whatever is read."""
    attack.file("x", text[:-9])
    attack.file("old", "kept")
    for words in (("report", "x"), ("merge", "x", "x"), ("merge", "x")):
        attack(*words, "--output", "old")
