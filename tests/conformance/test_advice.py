"""What the author of a backend may want to say follows from the findings."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from writers.sample_runs import make_run

from conformance.advice import advice
from conformance.case import Array, Case
from conformance.writers.registry import render

NAME = "./mine.py:f"


def case(logits: Any, target: Any, **options: Any) -> Case:
    """Return a case of cross-entropy in float32."""
    arrays = {"input": Array.of(logits, "float32"), "target": Array.of(target)}
    return Case("cross_entropy", "float32", arrays, options)


def run(witness: Case, spec: str = NAME, **finding: Any) -> dict[str, Any]:
    """Return as much of a run as is asked about: one finding with its witness."""
    told = {"status": "error", "kind": "raised", "quantity": "call", "known": ""}
    told |= finding
    entry = {
        **told,
        "backend": spec,
        "loss": witness.loss,
        "dtype": witness.dtype,
        "count": 3,
        "case": witness.to_json(),
        "verdict": {"detail": told.pop("detail", "")},
        "shrunk": None,
    }
    return {
        "dtypes": ["float32"],
        "backends": [{"name": spec, "spec": spec, "dtypes": ["float32", "float64"]}],
        "findings": [entry],
        "cells": [{**{k: entry[k] for k in ("backend", "loss", "dtype")}, "cases": 9}],
    }


ROWS = case([[1.0, 2.0]], [0])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (run(case([1.0, 2.0], 0)), 'declined = {"unbatched": "…"}'),
        (run(case([[[1.0], [2.0]]], [[0]])), 'declined = {"k-dim": "…"}'),
        (
            run(ROWS, status="accepted-invalid", kind="accepted"),
            'declined = {"invalid": "…"}',
        ),
        (run(case([[1.0, 2.0]], [[0.5, 0.5]])), "leave class_probabilities out"),
        (run(ROWS, quantity="relation.one-hot"), "leave class_probabilities out"),
        (
            run(
                ROWS, status="wrong-class", kind="shape", detail="value needs (), got 1"
            ),
            "number for each row",
        ),
    ],
)
def test_what_may_be_said(given: dict[str, Any], said: str) -> None:
    """A kind of case that ends in an error can be declined, or left out."""
    (line,) = advice(given)
    assert said in line
    assert NAME in line


def test_shapes_that_differ_may_be_declined() -> None:
    """A gradient of the wrong shape where arguments are broadcast is about that."""
    arrays = {"input": Array.of(1.0, "float32"), "target": Array.of([2.0], "float32")}
    witness = Case("mse", "float32", arrays)
    given = run(witness, status="wrong-class", kind="shape", detail="gradient")
    (line,) = advice(given)
    assert 'declined = {"broadcast": "…"}' in line


def test_who_answers_hardly_a_call_gets_the_wrong_arguments() -> None:
    """Then nothing else is said: it need not decline what it was never given."""
    given = run(case([1.0, 2.0], 0))
    given["cells"][0]["cases"] = 3
    (line,) = advice(given)
    assert f"{NAME}@numpy or {NAME}@torch says which" in line


def test_who_answers_in_another_format_may_not_be_meant_for_one() -> None:
    """The hint names the formats in which it answered, not its arguments."""
    given = run(ROWS)
    given["cells"][0]["cases"] = 3
    given["cells"].append(given["cells"][0] | {"dtype": "float64", "cases": 9})
    given["dtypes"] = ["float32", "float64"]
    (line,) = advice(given)
    assert "raised in nearly every call in float32: if it" in line
    assert 'dtypes = ["float64"]' in line


@pytest.mark.parametrize(("cases", "lines"), [(3, 1), (9, 0)])
def test_another_dtype_in_nearly_every_call_is_told(cases: int, lines: int) -> None:
    """A Python float is a float64; in a few calls the dtype is no habit."""
    detail = "value needs float32, got float64"
    given = run(ROWS, status="wrong-class", kind="dtype", detail=detail)
    given["cells"][0]["cases"] = cases
    found = list(advice(given))
    assert len(found) == lines
    assert all("returns float64 in nearly every call" in line for line in found)


@pytest.mark.parametrize(
    "given",
    [
        run(ROWS),
        run(ROWS, status="violates", kind="value", quantity="value"),
        run(case([1.0, 2.0], 0), status="violates", kind="value", quantity="value"),
        run(case([1.0, 2.0], 0), spec="torch:cpu"),
        run(case([1.0, 2.0], 0), known="some-known-finding", status="known"),
        run(
            case([[1.0, 2.0]], [0], reduction="none"),
            status="wrong-class",
            kind="shape",
            detail="value needs (1,), got ()",
        ),
    ],
)
def test_a_wrong_number_cannot_be_talked_away(given: dict[str, Any]) -> None:
    """Nothing is said of values that are wrong, nor of the backends that come along."""
    assert not list(advice(given))


def test_every_report_to_be_read_gives_the_advice() -> None:
    """It stands in the terminal, in Markdown and in HTML; JUnit is for machines."""
    given = make_run()
    finding = next(f for f in given["findings"] if f["backend"] == "bad")
    finding |= {"status": "accepted-invalid", "kind": "accepted"}
    for name in ("terminal", "markdown", "junit"):
        text = unescape(render(name, given, "run.json"))
        assert ("decline them with a reason" in text) == (name != "junit")
        assert ('declined = {"invalid": "…"}' in text) == (name != "junit")
