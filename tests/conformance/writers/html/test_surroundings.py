"""All that a run tells of itself is shown, whatever it is."""

from __future__ import annotations

from typing import Any

from conformance.writers.html.surroundings import surroundings


def told(**changes: Any) -> dict[str, dict[str, str]]:
    """Return the facts of a run by their titles."""
    environment = {"python": "3.11", "cpu": {"model": "x", "features": ["avx", "fma"]}}
    run = {"seed": 7, "profile": {"name": "quick"}, "environment": environment}
    return {facts.title: dict(facts.pairs) for facts in surroundings(run | changes)}


def test_nested_facts_are_labelled_in_full() -> None:
    """A label is made of the names above it; names of others are left alone."""
    workers = {"my_backend": {"threads": None, "flush_to_zero": False, "gpu": ""}}
    found = told(environment={"workers": workers, "packages": {"ml_dtypes": "0.6"}})
    assert found["Where it ran"] == {
        "workers my_backend threads": "none",
        "workers my_backend flush_to_zero": "no",
        "workers my_backend gpu": "none",
        "packages ml_dtypes": "0.6",
    }


def test_lists_are_joined() -> None:
    """Features of a processor are one text, and so is an empty list."""
    assert told()["Where it ran"]["cpu features"] == "avx, fma"
    assert told(environment={"x": []})["Where it ran"] == {"x": "none"}


def test_what_was_asked_is_told() -> None:
    """Seed, profile, shard and the day of the known findings."""
    found = told(shard={"index": 1, "count": 4}, today="2026-01-01")
    assert found["What was asked"] == {
        "seed": "7",
        "profile name": "quick",
        "shard count": "4",
        "shard index": "1",
        "known findings as of": "2026-01-01",
    }


def test_every_place_and_the_corpus_are_told() -> None:
    """A merged run has been in several places."""
    corpus = [{"loss": "mae", "dtype": "float32", "cases": 3, "hash": "abc"}]
    found = told(corpus=corpus, other_environments=[{"python": "3.12"}])
    assert found["Named cases"] == {"mae in float32": "3, digest abc"}
    assert found["Where another shard ran"] == {"python": "3.12"}
