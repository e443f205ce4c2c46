"""The conditions that a known finding may name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.case import Array, Case
from conformance.conditions import CONDITIONS


def entropy(shape: tuple[int, ...], **more: Any) -> Case:
    """Return a cross-entropy case with class indices."""
    target = np.zeros(shape[:1] + shape[2:] if len(shape) > 1 else (), dtype=np.int64)
    arguments = {
        "input": Array.of(np.zeros(shape), "float32"),
        "target": Array.of(target),
    }
    return Case("cross_entropy", "float32", arguments | more.pop("extra", {}), more)


PLAIN = entropy((4, 3))
SOFT = Case(
    "cross_entropy",
    "float32",
    {name: Array.of(np.zeros((4, 3)), "float32") for name in ("input", "target")},
)
AHEAD = entropy((2, 2), extra={"input": Array.of([[0, 104], [300, -9]], "float32")})
BESIDE = entropy((2, 2), extra={"input": Array.of([[0, 104], [0, -9]], "float32")})
MAE = Case(
    "mae",
    "float32",
    {name: Array.of([np.inf, 1.0], "float32") for name in ("input", "target")},
)


@pytest.mark.parametrize(
    ("name", "value", "yes", "no"),
    [
        ("reduction", "mean", PLAIN, entropy((4, 3), reduction="sum")),
        ("target", "index", PLAIN, SOFT),
        ("target", "probability", SOFT, MAE),
        ("target", "real", MAE, PLAIN),
        ("weight", False, PLAIN, entropy((4, 3), extra={"weight": Array.of([1.0])})),
        ("ignored", True, entropy((4, 3), ignore_index=0), PLAIN),
        ("ignored", False, SOFT, entropy((4, 3), ignore_index=0)),
        ("smoothing", True, entropy((4, 3), label_smoothing=0.1), PLAIN),
        ("smoothing", False, entropy((4, 3), label_smoothing=0.0), None),
        ("upstream", False, PLAIN, None),
        ("class_axis_last", True, PLAIN, entropy((4, 3, 2))),
        ("class_axis_last", True, entropy((3,)), entropy((4, 3, 1))),
        ("nonfinite", True, MAE, PLAIN),
        ("min_rows", 8, entropy((4, 3, 2)), PLAIN),
        ("min_classes", 3, PLAIN, MAE),
        ("min_elements", 12, PLAIN, MAE),
        ("min_lead", 104.0, AHEAD, PLAIN),
        ("min_lead", 104.0, entropy((2, 1)), BESIDE),
    ],
)
def test_a_condition_holds_where_it_should(
    name: str, value: Any, yes: Case, no: Case | None
) -> None:
    """Each condition tells its own sort of case from another."""
    assert not CONDITIONS[name].problem(value)
    assert CONDITIONS[name].holds(yes, value)
    if no is not None:
        assert not CONDITIONS[name].holds(no, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("reduction", "max"), ("min_rows", True), ("min_rows", 1.5), ("weight", 1)],
)
def test_a_value_of_another_sort_is_refused(name: str, value: Any) -> None:
    """A condition takes one type, and words from a closed list."""
    assert CONDITIONS[name].problem(value)
