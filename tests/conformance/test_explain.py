"""The words for a finding hold everything needed to understand it."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from conformance.case import Array, Case
from conformance.explain import SHOWN_ELEMENTS, array_text, brief, dominating, explain
from conformance.verdict import Evidence, Status, Verdict

CASE = Case(
    "cross_entropy",
    "bfloat16",
    {"input": Array.of([[0.0, -6.0]], "bfloat16"), "target": Array.of([0])},
    {"reduction": "sum", "label_smoothing": 0.1},
)
VERDICT = Verdict(
    "value",
    Status.VIOLATES,
    kind="value",
    ratio=2.5,
    ulps=1e9,
    measured=1,
    detail="because",
    evidence=Evidence(
        (0,), "0.00247568", "0x1.44p-9", "0.0", "0x0.0p+0", "0.0025", "0.001", "CE-1",
        {"storage": 3.0, "exp": 1.0},
    ),
)  # fmt: skip


def test_a_finding_says_what_went_in_and_what_came_out() -> None:
    """Inputs, options, exact value, got in both bases, error, bound, rule, cause."""
    text = "\n".join(explain("torch:cpu", CASE, VERDICT))
    for part in (
        "torch:cpu: cross_entropy in bfloat16: value is outside its bound",
        "[[0, -6]]  bfloat16 1×2",
        "[0]  int64 1",
        "reduction='sum', label_smoothing=0.1",
        "0.00247568",
        "0.0 (0x0.0p+0)",
        "0.0025",
        "0.001, rule CE-1, mostly storage (75 %)",
        "error/bound 2.5",
        "because",
    ):
        assert part in text


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_words(status: Status) -> None:
    """No status is printed bare, except one that is another in the run."""
    (head, *_) = explain("a", CASE, Verdict("value", status))
    assert re.fullmatch(r"a: cross_entropy in bfloat16: \w+( \w+){1,8}", head)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict("shape", Status.WRONG_CLASS, "shape"), "shape is wrong"),
        (Verdict("dtype", Status.WRONG_CLASS, "dtype"), "dtype is wrong"),
        (Verdict("value", Status.WRONG_CLASS, "missing"), "value is missing"),
        (Verdict("inputs", Status.WRONG_CLASS, "modified"), "inputs were modified"),
        (
            Verdict("value", Status.WRONG_CLASS, "nan"),
            "value is of the wrong class (nan)",
        ),
        (
            Verdict("rejection", Status.ACCEPTED_INVALID, "accepted"),
            "an invalid argument is accepted",
        ),
    ],
)
def test_the_head_is_a_sentence(verdict: Verdict, words: str) -> None:
    """Only nan, infinities, finite numbers and signs are classes of numbers."""
    (head, *_) = explain("a", CASE, verdict)
    assert head == f"a: cross_entropy in bfloat16: {words}"


def test_a_large_array_is_cut() -> None:
    """The number of elements is told instead."""
    text = array_text(Array.of(np.arange(1000.0), "float32"))
    assert "… 1000 elements" in text
    assert f"{SHOWN_ELEMENTS - 1}," in text
    assert len(text) < 300


def test_a_large_constant_array_is_one_word() -> None:
    """The element and how often it stands there say everything."""
    text = array_text(Array.of(np.zeros(1000), "float32"))
    assert text.startswith("[all 1000 elements 0]")


def test_a_special_layout_is_told() -> None:
    """Strides and offset matter to a backend, so they are part of the words."""
    base = np.zeros(6, dtype=np.float32)
    assert "strides (0,), offset 2" in array_text(Array(base, (3,), (0,), 2))
    assert "strides" not in array_text(Array.of(np.zeros((2, 3)), "float32"))


def test_shortest_decimals_name_the_element() -> None:
    """A decimal is as long as its own format needs, and specials have their names."""
    values = Array.of([0.1, math.nan, -math.inf, -0.0], "float16")
    assert array_text(values).startswith("[0.1, nan, -inf, -0]")


@pytest.mark.parametrize("terms", [{}, {"a": 0.0}, {"a": math.inf}, {"a": math.nan}])
def test_a_bound_without_parts_names_no_cause(terms: dict[str, float]) -> None:
    """Zero, infinite or missing terms have no share."""
    assert dominating(terms) == ""


def test_long_decimals_keep_their_exponent() -> None:
    """Cutting must not change the magnitude that is read."""
    assert brief("1." + "3" * 200 + "e-300").endswith("…e-300")
    assert brief("0.5") == "0.5"


def test_a_relation_is_told_with_its_variants() -> None:
    """What holds, what was varied, no distance in ulp; an unknown one gives less."""
    verdict = Verdict("relation.classes-reversed", Status.VIOLATES, "value", measured=1)
    head, *lines = explain("a", CASE, verdict)
    assert head.endswith("relation.classes-reversed does not hold")
    labels = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines[3:]}
    assert labels["relation"] == "the order of the classes does not matter"
    assert labels["ratio"] == "error/bound 0"
    assert any(
        line.endswith("variant: input [[-6, 0]]  bfloat16 1×2") for line in lines
    )
    assert any(line.endswith("variant: target [1]  int64 1") for line in lines)
    foreign = explain("a", CASE, Verdict("relation.of-another-version", Status.ERROR))
    assert not any("varied" in line for line in foreign)
