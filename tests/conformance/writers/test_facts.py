"""What every report says about a run."""

from __future__ import annotations

from sample_runs import large_run, make_run, sound_run

from conformance.writers import facts


def test_gradients_that_are_not_offered_are_told_once() -> None:
    """One line for each backend, of the losses that were asked for."""
    run = make_run()
    assert not list(facts.offers(run))
    bare = run["backends"][0]
    bare |= {"losses": ["cross_entropy", "mae", "mse"], "gradients": {"mse": ["input"]}}
    assert list(facts.offers(run)) == ["bad: gradients not offered: mae"]
    run["losses"] = ["mae", "mse", "cross_entropy"]
    assert list(facts.offers(run)) == ["bad: gradients not offered: mae, cross_entropy"]


def test_where_nothing_was_checked_the_offers_are_told() -> None:
    """What was asked for stands beside what each backend has."""
    run = sound_run()
    run |= {"losses": ["mse"], "totals": {"cases": 0, "elements": 0, "verdicts": {}}}
    assert list(facts.offers(run)) == [
        "asked for: mse in float32",
        "good offers: mae in float32",
    ]


def test_each_cell_has_its_turn() -> None:
    """The first findings are of different cells, and none is lost."""
    run = large_run(3, 4)
    found = [f["backend"] for f in facts.in_turn(run)]
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
    ids = [line.partition(":")[0] for line in facts.known_lines(run)]
    assert ids == ["K-3", "K-4", "K-4", "K-2", "K-1"]


def test_one_is_singular() -> None:
    """In the headline too."""
    run = sound_run()
    (entry,) = make_run()["known"]
    run["known"] = [{**entry, "stale": []}]
    assert facts.headline(run) == (
        "exit 0: nothing new; 1 known finding, all else conforms"
    )


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
    found = [(f["status"], f["quantity"]) for f in facts.ordered(run)]
    assert found == wanted


def test_one_line_of_a_finding() -> None:
    """Once is once, and no error/bound is told where it is not what is wrong."""
    bad = next(f for f in make_run()["findings"] if f["backend"] == "bad")
    assert facts.line(bad).endswith("(value), 1 time, error/bound up to 7")
    assert facts.line({**bad, "kind": "nan", "count": 2}).endswith("(nan), 2 times")


def test_a_known_finding_met_once() -> None:
    """It was met one time, not one times."""
    (entry,) = make_run()["known"]
    first, *_ = facts.known_lines({"known": [{**entry, "count": 1}]})
    assert "1 time," in first
