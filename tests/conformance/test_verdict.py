"""A verdict survives a file, and the failing statuses are the grave ones."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.verdict import FAILURES, Evidence, Status, Verdict

numbers = st.floats(allow_nan=False)
counts = st.integers(0, 10**6)

verdicts = st.builds(
    Verdict,
    quantity=st.sampled_from(["value", "gradient.input", "shape"]),
    status=st.sampled_from(Status),
    kind=st.sampled_from(["", "value", "nan"]),
    elements=counts,
    counts=st.dictionaries(st.sampled_from([str(s) for s in Status]), counts),
    ratio=numbers,
    ulps=numbers,
    rounded=counts,
    measured=counts,
    weak=st.booleans(),
    detail=st.text(max_size=9),
    evidence=st.builds(
        Evidence,
        index=st.lists(st.integers(0, 9), max_size=3).map(tuple),
        exact=st.text(max_size=9),
        terms=st.dictionaries(st.text(max_size=5), st.floats(0, 1), max_size=3),
    ),
)


@given(verdict=verdicts)
def test_a_verdict_survives_json(verdict: Verdict) -> None:
    """Text and back gives an equal verdict, infinite ratios included."""
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


def test_a_verdict_is_plain_data() -> None:
    """Status and position become what JSON knows."""
    data = Verdict("value", Status.WRONG_CLASS, evidence=Evidence((1, 2))).to_json()
    assert data["status"] == "wrong-class"
    assert type(data["status"]) is str
    assert data["evidence"]["index"] == [1, 2]
    assert set(data) == {f.name for f in dataclasses.fields(Verdict)}


def test_failures_are_what_ends_a_run_with_one() -> None:
    """Neither known, suspect, vacuous, unsupported nor inconclusive is a failure."""
    assert {str(s) for s in FAILURES} == {
        "violates",
        "wrong-class",
        "error",
        "accepted-invalid",
    }
    assert not FAILURES & {Status.CONFORMS, Status.KNOWN, Status.SUSPECT}


def test_a_verdict_does_not_change() -> None:
    """Verdicts are values."""
    verdict = Verdict("value", Status.CONFORMS, ratio=math.inf)
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.ratio = 0.0  # type: ignore[misc]
