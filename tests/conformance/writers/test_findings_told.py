"""What every report says of findings."""

from __future__ import annotations

from sample_runs import large_run, make_run

from conformance.writers import findings


def test_each_cell_has_its_turn() -> None:
    """The first findings are of different cells, and none is lost."""
    run = large_run(3, 4)
    found = [f["backend"] for f in findings.in_turn(run)]
    assert found == ["backend-0", "backend-1", "backend-2"] * 4


def test_known_findings_begin_with_what_is_to_be_done() -> None:
    """Expired and stale ones, then those that were met, then the rest."""
    run = make_run()
    (entry,) = run["known"]
    sound = {**entry, "stale": []}
    run["known"] = [
        {**sound, "id": "K-1", "count": 0},
        {**sound, "id": "K-2"},
        {**sound, "id": "K-3", "expired": True},
        {**entry, "id": "K-4"},
    ]
    ids = [line.partition(":")[0] for line in findings.known_lines(run)]
    assert ids == ["K-3", "K-4", "K-4", "K-2", "K-1"]


def test_the_gravest_finding_of_a_cell_comes_first() -> None:
    """Wrong numbers before errors before what should be refused; the value first."""
    run = make_run()
    bad = next(f for f in run["findings"] if f["backend"] == "bad")
    wanted = [
        ("violates", "value"),
        ("violates", "gradient.input"),
        ("violates", "relation.shift"),
        ("wrong-class", "value"),
        ("error", "call"),
        ("accepted-invalid", "call"),
    ]
    run["findings"] = [
        {**bad, "status": status, "quantity": quantity, "id": f"{9 - place}"}
        for place, (status, quantity) in enumerate(wanted)
    ]
    found = [(f["status"], f["quantity"]) for f in findings.ordered(run)]
    assert found == wanted


def test_one_line_of_a_finding() -> None:
    """Once is once, and no error/bound is told where it is not what is wrong."""
    bad = next(f for f in make_run()["findings"] if f["backend"] == "bad")
    assert findings.line(bad).endswith("(value), 1 time, error/bound up to 7")
    assert findings.line({**bad, "kind": "nan", "count": 2}).endswith("(nan), 2 times")


def test_a_known_finding_met_once() -> None:
    """It was met one time, not one times."""
    (entry,) = make_run()["known"]
    first, *_ = findings.known_lines({"known": [{**entry, "count": 1}]})
    assert "1 time," in first
