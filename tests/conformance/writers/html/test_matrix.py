"""The matrix has a field for all that was asked for."""

from __future__ import annotations

from typing import Any

from conformance.writers.html.matrix import matrix, place_of, status_of


def test_every_backend_loss_and_format_has_a_field(measured: Any) -> None:
    """In the order in which they were asked for."""
    groups = matrix(measured)
    assert [g.backend for g in groups] == [b["name"] for b in measured["backends"]]
    for group in groups:
        assert [row.loss for row in group.rows] == measured["losses"]
        assert all(len(row.fields) == len(measured["dtypes"]) for row in group.rows)


def test_a_field_leads_to_its_cell(run: Any) -> None:
    """It shows the worst status and the largest error/bound found."""
    run["missing"] = []
    group = matrix(run)[1]
    field = group.rows[1].fields[1]
    (cell,) = (
        c
        for c in run["cells"]
        if (c["backend"], c["loss"], c["dtype"])
        == (group.backend, "cross_entropy", "float32")
    )
    assert field.status == "violates"
    assert field.place == place_of((group.backend, "cross_entropy", "float32"))
    assert float(field.ratio) >= 0.99 * cell["ratio"][0] > 1


def test_what_was_not_run_is_told_from_what_is_not_offered(run: Any) -> None:
    """A planned cell without a case was not run."""
    run["cells"] = []
    run["plan"]["planned"] = [
        entry for entry in run["plan"]["planned"] if entry[2] == "float32"
    ]
    words = [[f.status for f in row.fields] for g in matrix(run) for row in g.rows]
    assert words == [["not offered", "not run"]] * 4


def test_missing_verdicts_never_look_conforming(run: Any) -> None:
    """A cell that owes evidence is incomplete; one that fails as well is a failure."""
    assert run["missing"]
    cells = {
        (c["backend"], c["loss"]): c for c in run["cells"] if c["dtype"] == "float32"
    }
    names = [b["name"] for b in run["backends"]]
    assert status_of(run, cells[names[0], "mae"]) == "incomplete"
    assert status_of(run, cells[names[1], "cross_entropy"]) == "violates"
