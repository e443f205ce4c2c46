"""The verdict on a run is that of its exit code, with all reasons."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.run import exit_code, reasons
from conformance.writers.html.outcome import outcome


def run(**changes: Any) -> dict[str, Any]:
    """Return what decides the outcome of a run in which all conforms."""
    plain = {
        "stop": "finished",
        "faults": {},
        "missing": [],
        "findings": [],
        "known": [],
        "totals": {"verdicts": {"conforms": 3}},
    }
    return plain | changes


LESS = "Incomplete: this run proves less than was asked"
BAD = {"status": "violates", "backend": "a|b"}
STALE = {"stale": [["a", "float32"]], "count": 0}
RUNS = {
    "conforms": (run(), "Everything checked conforms", ()),
    "known": (
        run(findings=[{"status": "known"}], known=[{"stale": [], "count": 4}]),
        "Nothing new: all but known findings conform",
        ("1 known finding, listed with a reason and an expiry",),
    ),
    "new": (run(findings=[BAD, BAD]), "Does not conform", ("2 new findings on a|b",)),
    "stale": (
        run(known=[STALE]),
        "Does not conform",
        ("1 known finding to be removed: the witness conforms now",),
    ),
    "lost": (
        run(faults={"x": 1}, missing=[["r", "b", "d"]] * 2, findings=[BAD]),
        f"{LESS}; what was checked does not conform",
        (
            "1 fault: work was lost or given up",
            "2 planned requirements without a verdict",
            "1 new finding on a|b",
        ),
    ),
    "undecided": (
        run(totals={"verdicts": {"inconclusive": 1200}}),
        LESS,
        ("1200 verdicts not decided",),
    ),
    "killed": (
        run(stop="killed"),
        LESS,
        ("The run was killed: what is shown is a part.",),
    ),
    "nothing": (
        run(totals={"verdicts": {}}),
        "Nothing was checked",
        ("There is not one verdict.",),
    ),
    "interrupted": (
        run(stop="interrupted", findings=[BAD]),
        "Interrupted; what was checked does not conform",
        ("The run was interrupted: what is shown is a part.", "1 new finding on a|b"),
    ),
    "suspect": (
        run(findings=[{"status": "suspect"}]),
        "Everything checked conforms",
        ("1 suspect: shown, not failing",),
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_outcome_is_told_in_words(name: str) -> None:
    """Title, exit code and every reason are those of the run."""
    given, title, texts = RUNS[name]
    found = outcome(given)
    assert (found.code, found.title) == (exit_code(given), title)
    told = tuple(reason.text for reason in found.reasons)
    assert told == texts


@pytest.mark.parametrize("name", RUNS)
def test_a_failing_run_looks_failing(name: str) -> None:
    """Green is for exit 0 alone, and whoever fails is told why."""
    given, *_ = RUNS[name]
    found = outcome(given)
    assert (found.look.tone == "good") == (found.code == 0)
    why = [text for texts in reasons(given).values() for text in texts]
    assert bool(why) <= bool(found.reasons)
