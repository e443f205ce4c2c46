"""Of each requirement a report says what came of it, and what speaks against it."""

from __future__ import annotations

from sample_runs import make_run

from conformance.writers.evidence import accusations, excuses, proofs


def test_everything_planned_declined_or_shown_is_there_once() -> None:
    """By backend, requirement and format, each with its worst status."""
    found = [(p.backend, p.id, p.dtype, p.outcome) for p in proofs(make_run())]
    assert found == [
        ("bad", "MAE-VALUE", "float32", "violates"),
        ("bk", "MAE-VALUE", "float32", "known"),
        ("good", "MAE-NONE", "float32", "missing"),
        ("good", "MAE-VALUE", "float32", "conforms"),
        ("good", "MSE-VALUE", "float32", "unsupported"),
        ("sus", "MAE-VALUE", "float32", "suspect"),
    ]


def test_a_finding_speaks_against_what_it_is_about() -> None:
    """The same backend, loss, format and quantity; or the call as a whole."""
    run = make_run()
    proof = next(p for p in proofs(run) if p.fails)
    (finding,) = accusations(run, proof)
    assert finding["backend"] == "bad"
    for key, value in (
        ("backend", "other"),
        ("loss", "mse"),
        ("dtype", "float64"),
        ("quantity", "gradient.input"),
    ):
        other = {**run, "findings": [{**finding, key: value}]}
        assert accusations(other, proof) == []
    for call, count in (({"quantity": "call"}, 1), ({"status": "error"}, 0)):
        other = {**run, "findings": [{**finding, **call}]}
        assert len(accusations(other, proof)) == count


def test_a_known_finding_excuses_what_it_covers() -> None:
    """Only where it was met, on its backend, loss, format and quantity."""
    run = make_run()
    proof = next(p for p in proofs(run) if p.outcome == "known")
    assert list(excuses(run, proof)) == ["K-1: a mechanism [unreported]"]
    (entry,) = run["known"]
    for change in (
        {"count": 0},
        {"loss": "mse"},
        {"dtypes": ["float64"]},
        {"backend": "torch:*"},
        {"quantity": "gradient.*"},
    ):
        assert not list(excuses({**run, "known": [{**entry, **change}]}, proof))
