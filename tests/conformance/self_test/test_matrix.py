"""The kill matrix and its reports, made of records written here."""

from __future__ import annotations

from typing import Any

from conformance.checks import catalogue
from conformance.profiles import PROFILES
from conformance.self_test import markdown, terminal
from conformance.self_test.matrix import build
from conformance.self_test.session import Assignment, Session

SPECS = ("mutant:one", "mutant:two", "mutant:three")


def record(spec: str, dtype: str, cases: int, *checks: str) -> dict[str, Any]:
    """Return what a trial tells about a backend."""
    first = {
        "case": "0123456789ab",
        "origin": "corpus:a|b",
        "check": "values",
        "requirement": "MAE-MEAN-VALUE",
        "quantity": "value",
        "status": "violates",
        "cases": cases,
        "seconds": 0.25,
    }
    return {
        "spec": spec,
        "loss": "mae",
        "dtype": dtype,
        "cases": 40,
        "seconds": 1.5,
        "kills": dict.fromkeys(checks, 2),
        "caught": len(checks),
        "first": first if checks else None,
        "requirements": ["MAE-MEAN-VALUE"] if checks else [],
        "faults": [],
    }


def matrix(*records: dict[str, Any]) -> dict[str, Any]:
    """Return the matrix of records on three mutants in two formats."""
    cells = {("mae", d): SPECS for d in ("float16", "float32")}
    session = Session(Assignment(cells, PROFILES["quick"]), records=list(records))
    names = {s: (s.removeprefix("mutant:"), "Is <wrong>.") for s in SPECS}
    return build(session, names, catalogue(), 12.0)


DATA = matrix(
    record("numpy", "float16", 3),
    record("mutant:one", "float16", 30, "values", "gradients"),
    record("mutant:one", "float32", 7, "values"),
    record("mutant:two", "float16", 5, "purity"),
    record("mutant:three", "float32", 5),
)


def test_cells_are_added_up() -> None:
    """A mutant's row holds all its cells, and the quickest first catch."""
    row = DATA["mutants"][0]
    assert row["kills"] == {"gradients": 2, "values": 4}
    assert (row["first"]["cases"], row["first"]["dtype"]) == (7, "float32")
    assert (row["cases"], row["seconds"]) == (80, 3.0)


def test_survivors_and_lonely_checks_are_named() -> None:
    """Who was caught by nothing survives; who by one check only is that check's."""
    assert DATA["survivors"] == ["three"]
    assert DATA["checks"]["purity"] == {"kills": 1, "alone": ["two"]}
    assert DATA["checks"]["values"] == {"kills": 1, "alone": []}
    assert "MAE-SUM-VALUE" in DATA["unfailed"]
    assert "MAE-MEAN-VALUE" not in DATA["unfailed"]
    assert not any(i.startswith("CE-") for i in DATA["unfailed"])


def test_an_accused_control_is_told() -> None:
    """Nothing that is said against the correct backend goes unseen."""
    data = matrix(record("numpy", "float16", 3, "values"))
    assert len(data["accusations"]) == 1
    assert data["accusations"][0] in terminal.write(data)
    assert DATA["accusations"] == []


def test_the_reports_say_the_same() -> None:
    """Both name every mutant, who survives, and how many are caught."""
    text, page = terminal.write(DATA), markdown.write(DATA)
    for report in (text, page):
        assert "2 of 3 mutants caught" in report
        assert "survives: mutant:three" in report
    assert all(f"| {name} |" in page for name in ("one", "two", "three"))


def test_a_name_cannot_break_the_page() -> None:
    """Marks of Markdown and HTML in a name or a mechanism stay text."""
    page = markdown.write(DATA)
    assert "a\\|b" in page
    assert "<wrong>" not in page
