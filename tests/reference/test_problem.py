"""Questions are checked once: every error names argument, need and what was got."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from reference import ProblemError
from reference.problem import class_axis_back, class_axis_last

if TYPE_CHECKING:
    from collections.abc import Callable

LOGITS = [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
GOOD: dict[str, Any] = {"input": LOGITS, "target": [0, 2]}
SOFT: dict[str, Any] = {"input": LOGITS, "target": LOGITS}
INTEGERS = np.array([[1, 2, 3]])

CROSS_ENTROPY = [
    # argument, what is asked, what was needed, what was got
    ("input", {"input": 1.0}, r"\(C,\), \(N, C\) or \(N, C, d1, …\)", "a scalar"),
    ("input", {"input": INTEGERS, "target": [0]}, "floating-point", "integer dtype"),
    ("input", {"input": np.array(LOGITS) * 1j}, "of dtype float16", "complex128"),
    ("input", {"input": np.array(LOGITS) > 0}, "of dtype float16", "bool"),
    ("input", {"input": [[1.0], [2.0, 3.0]]}, "not be ragged", r"\(1,\), \(2,\)"),
    ("input", {"input": "abc"}, "hold real numbers", "'abc' of type str"),
    ("input", {"input": None}, "hold real numbers", "None of type NoneType"),
    ("target", {"target": None}, "hold real numbers", "None of type NoneType"),
    (
        "target",
        {"target": [0, 1, 2]},
        r"have shape \(2,\) to hold class indices",
        r"\(3,\)",
    ),
    (
        "target",
        {"target": [[0, 1]]},
        r"shape \(2,\) to hold class indices",
        r"\(1, 2\)",
    ),
    (
        "target",
        {"target": [0.0, 1.0]},
        r"\(2, 3\) to hold class probab",
        r"shape \(2,\)",
    ),
    (
        "target",
        {"target": []},
        r"\(2, 3\) to hold class probabilities",
        r"shape \(0,\)",
    ),
    ("target", {"target": [0, 3]}, r"indices in \[0, 3\) or ignore_index=-100", "3"),
    ("target", {"target": [0, -1]}, r"indices in \[0, 3\) or ignore_index=-100", "-1"),
    ("target", {"target": [-100, 0], "ignore_index": 5}, "ignore_index=5", "-100"),
    ("target", {"target": np.array([True, False])}, "of dtype", "bool"),
    ("target", {"target": [True, False]}, "hold real numbers", "True of type bool"),
    ("target", {"target": [0, 1.5], "target_kind": "index"}, "hold integers", "3, 2"),
    ("target", {"target": [0, math.nan], "target_kind": "index"}, "integers", "nan"),
    (
        "target",
        {"input": [[1.0]], "target": np.array([[1]]), "target_kind": "probability"},
        "floating-point",
        "integer dtype",
    ),
    ("target_kind", {"target_kind": "soft"}, "'index' or 'probability'", "'soft'"),
    ("weight", {"weight": [1.0, 2.0]}, r"have shape \(3,\)", r"shape \(2,\)"),
    ("weight", {"weight": 1.0}, r"have shape \(3,\)", r"shape \(\)"),
    ("weight", {"weight": [[1.0, 2.0, 3.0]]}, r"have shape \(3,\)", r"\(1, 3\)"),
    ("weight", {"weight": np.array([1, 2, 3])}, "floating-point", "integer dtype"),
    ("weight", {"weight": "abc"}, "hold real numbers", "'abc'"),
    ("reduction", {"reduction": "avg"}, "be 'none', 'mean' or 'sum'", "'avg'"),
    ("reduction", {"reduction": "Mean"}, "be 'none', 'mean' or 'sum'", "'Mean'"),
    ("reduction", {"reduction": None}, "be 'none', 'mean' or 'sum'", "None"),
    ("label_smoothing", {"label_smoothing": -0.1}, r"in \[0, 1\]", "-0.1"),
    ("label_smoothing", {"label_smoothing": 1.5}, r"in \[0, 1\]", "1.5"),
    (
        "label_smoothing",
        {"label_smoothing": math.nextafter(1, 2)},
        r"\[0, 1\]",
        "1.0000",
    ),
    ("label_smoothing", {"label_smoothing": math.nan}, r"in \[0, 1\]", "nan"),
    ("label_smoothing", {"label_smoothing": math.inf}, r"in \[0, 1\]", "inf"),
    ("label_smoothing", {"label_smoothing": [0.1]}, r"in \[0, 1\]", r"\[0\.1\]"),
    ("label_smoothing", {"label_smoothing": True}, "hold real numbers", "bool"),
    ("label_smoothing", {"label_smoothing": None}, "hold real numbers", "None"),
    ("ignore_index", {"ignore_index": 1.0}, "be an integer", "1.0"),
    ("ignore_index", {"ignore_index": None}, "be an integer", "None"),
    ("ignore_index", {"ignore_index": True}, "be an integer", "True"),
    ("ignore_index", {**SOFT, "ignore_index": 1}, "be negative when", "1"),
    ("upstream", {"upstream": [1.0, 2.0]}, r"shape of the value, \(\)", r"\(2,\)"),
    ("upstream", {"upstream": 1.0, "reduction": "none"}, r"value, \(2,\)", r"\(\)"),
    ("upstream", {"upstream": "1"}, "hold real numbers", "'1' of type str"),
]
REGRESSION = [
    ("target", {"target": [1.0, 2.0]}, r"broadcast with .* \(3,\)", r"shape \(2,\)"),
    ("input", {"input": np.array([1, 2, 3])}, "floating-point", "integer dtype"),
    ("target", {"target": np.array([1, 2, 3])}, "floating-point", "integer dtype"),
    ("input", {"input": [1j]}, "hold real numbers", "1j of type complex"),
    ("target", {"target": "abc"}, "hold real numbers", "'abc' of type str"),
    ("reduction", {"reduction": "batchmean"}, "'none', 'mean' or 'sum'", "'batchmean'"),
    ("upstream", {"upstream": [1.0]}, r"shape of the value, \(\)", r"shape \(1,\)"),
]


def assert_refused(
    function: Callable[..., Any],
    arguments: dict[str, Any],
    argument: str,
    need: str,
    got: str,
) -> None:
    """Assert the one form of error."""
    pattern = rf"^{argument} must .*{need}.*, got .*{got}"
    with pytest.raises(ProblemError, match=pattern) as caught:
        function(**arguments)
    assert caught.value.argument == argument
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(("argument", "change", "need", "got"), CROSS_ENTROPY)
def test_cross_entropy_refuses(argument: str, change: Any, need: str, got: str) -> None:
    """One wrong argument of cross-entropy is refused by name."""
    assert_refused(reference.cross_entropy, {**GOOD, **change}, argument, need, got)


@pytest.mark.parametrize("loss", [reference.mae, reference.mse])
@pytest.mark.parametrize(("argument", "change", "need", "got"), REGRESSION)
def test_regression_refuses(
    loss: Any, argument: str, change: Any, need: str, got: str
) -> None:
    """One wrong argument of MAE or MSE is refused by name."""
    arguments = {"input": [1.0, 2.0, 3.0], "target": [1.0, 2.0, 3.0], **change}
    assert_refused(loss, arguments, argument, need, got)


@pytest.mark.parametrize(
    "change",
    [
        {"ignore_index": np.int64(7)},
        {"label_smoothing": 0},
        {"label_smoothing": 1},
        {"label_smoothing": np.float32(0.1)},
        {"weight": [1, 2, 3]},
        {"weight": [-1.0, 0.0, 2.0]},
        {"target": np.array([0, 2], dtype=np.uint8)},
        {"target": [0.0, 2.0], "target_kind": "index"},
        {"target": [[1, 0, 0], [0, 1, 0]], "target_kind": "probability"},
        {"input": [[0, 1, 2], [3, 4, 5]]},
        {"upstream": 3},
        {"upstream": [1, 2], "reduction": "none"},
        {"ignore_index": 1, "target": [1, 0]},
        {**SOFT, "ignore_index": -1},
    ],
)
def test_cross_entropy_accepts(change: Any) -> None:
    """What is at the edge of these conditions is accepted."""
    result = reference.cross_entropy(**{**GOOD, **change})
    assert not result.value.special.any()
    assert result.gradient["input"].shape == (2, 3)


def test_smoothing_is_the_float_given() -> None:
    """0.1 means the exact value of the float64, and float32's 0.1 its own."""
    for given_ in (0.1, np.float32(0.1)):
        problem = reference.cross_entropy(**GOOD, label_smoothing=given_).problem
        assert float(problem.label_smoothing) == float(given_)
        assert problem.label_smoothing.denominator.bit_count() == 1


@pytest.mark.parametrize(
    ("shape", "rows"),
    [((3,), ()), ((2, 3), (2,)), ((2, 3, 4), (2, 4)), ((2, 3, 4, 5), (2, 4, 5))],
)
def test_shapes(shape: tuple[int, ...], rows: tuple[int, ...]) -> None:
    """The class axis is the only one, or the second; the rows have the others."""
    target = np.zeros(rows, dtype=int)
    for reduction, value in (("none", rows), ("mean", ()), ("sum", ())):
        problem = reference.cross_entropy(
            np.zeros(shape), target, reduction=reduction
        ).problem
        assert (problem.classes, problem.row_shape, problem.value_shape) == (
            3,
            rows,
            value,
        )


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_class_axis_goes_and_comes_back(shape: list[int]) -> None:
    """Each row of the flattened form is one place's logits; going back undoes it."""
    array = np.arange(math.prod(shape)).reshape(shape)
    rows = class_axis_last(array)
    assert (class_axis_back(rows, tuple(shape)) == array).all()
    row_shape = tuple(shape[:1] + shape[2:]) if len(shape) > 1 else ()
    assert rows.shape == (math.prod(row_shape), shape[min(1, len(shape) - 1)])
    for row, place in zip(rows, np.ndindex(row_shape), strict=True):
        expected = array[(place[0], slice(None), *place[1:])] if place else array
        assert (row == expected).all()
