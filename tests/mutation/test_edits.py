"""The list of wrong edits fits the sources as they are."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from edit_list import Edit, EditError

ROOT: Final = Path(__file__).parents[2]
LIST: Final = Path(__file__).with_name("edits.toml")
EDITS: Final = Edit.read(LIST)
SOURCES: Final = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "reference").rglob("*.py")
)
edits = pytest.mark.parametrize("edit", EDITS, ids=[edit.id for edit in EDITS])


@cache
def without_docstrings(source: str) -> str:
    """Return what a source does, as text: its syntax tree without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            del node.body[0]
    return ast.dump(tree)


@edits
def test_an_edit_fits_the_source_and_changes_what_it_does(edit: Edit) -> None:
    """Its text occurs once, the result still parses, and it is another program."""
    source = (ROOT / edit.file).read_text("utf-8")
    assert without_docstrings(edit.made_in(ROOT)) != without_docstrings(source)


@edits
def test_an_edit_is_small_and_says_what_it_breaks(edit: Edit) -> None:
    """It touches at most three lines, and its reason is one sentence on one line."""
    assert max(edit.before.strip().count("\n"), edit.after.strip().count("\n")) < 3
    assert edit.reason[0].isupper()
    assert edit.reason.endswith(".")
    assert ". " not in edit.reason
    assert "\n" not in edit.reason
    assert len(edit.reason) <= 88


def test_ids_and_edits_are_unique() -> None:
    """No edit is in the list twice, under one name or two."""
    assert len({edit.id for edit in EDITS}) == len(EDITS)
    made = Counter((edit.file, edit.made_in(ROOT)) for edit in EDITS)
    assert max(made.values()) == 1


def test_ids_name_their_file() -> None:
    """An id starts with the name of the module that it edits; `fast` is part of it."""
    for edit in EDITS:
        path = Path(edit.file)
        name = path.stem.strip("_").replace("_", "-")
        prefix = "fast-" if path.parent.name == "fast" else ""
        assert edit.id.startswith(f"{prefix}{name}-"), edit.id


def test_every_module_that_computes_is_edited() -> None:
    """No source of the oracle is left out, apart from those that only hold names."""
    edited = {edit.file for edit in EDITS}
    empty = {path for path in SOURCES if not computes(ROOT / path)}
    assert edited <= set(SOURCES)
    assert set(SOURCES) - empty <= edited


def computes(path: Path) -> bool:
    """Say whether a module defines a function or method."""
    tree = ast.parse(path.read_text("utf-8"))
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))


def edit_of(before: str, after: str, file: str = "reference/x.py") -> Edit:
    """Return an edit for a made-up source."""
    return Edit("x", file, before, after, "It would be wrong.")


@pytest.mark.parametrize("source", ["a = 2\n", "a = 1\nb = 1\n"])
def test_an_edit_that_does_not_occur_once_is_an_error(source: str) -> None:
    """No edit is skipped because the source has changed, or made in two places."""
    with pytest.raises(EditError, match=r"must occur exactly once in reference/x\.py"):
        edit_of("= 1", "= 3").applied_to(source)


def test_an_edit_that_changes_nothing_is_an_error() -> None:
    """It could not be killed, or would be killed by tests that fail anyway."""
    with pytest.raises(EditError, match="must differ"):
        edit_of("1", "1").applied_to("a = 1\n")


def test_an_edit_of_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A module that was renamed takes its edits along, or the list is wrong."""
    with pytest.raises(EditError, match="`file` must exist"):
        edit_of("1", "2").made_in(tmp_path)


def test_an_id_that_occurs_twice_is_an_error(tmp_path: Path) -> None:
    """`--only` and the table name one edit."""
    table = '[[edit]]\nid="x"\nfile="f"\nbefore="1"\nafter="2"\nreason="It is."\n'
    path = tmp_path / "edits.toml"
    path.write_text(2 * table, "utf-8")
    with pytest.raises(EditError, match=r"unique.*'x'"):
        Edit.read(path)
