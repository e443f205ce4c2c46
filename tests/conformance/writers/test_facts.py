"""What every report says about a run."""

from __future__ import annotations

from sample_runs import make_run, sound_run

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


def test_one_is_singular() -> None:
    """In the headline too."""
    run = sound_run()
    (entry,) = make_run()["known"]
    run["known"] = [{**entry, "stale": []}]
    assert facts.headline(run) == (
        "exit 0: nothing new; 1 known finding, all else conforms"
    )
