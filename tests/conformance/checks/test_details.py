"""The finer features of cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.case import Array, Case
from conformance.checks import details

INF = np.inf
ROWS = [[1.5, -2.0, 0.25], [4.0, 0.0, -3.0]]


def of(values: Any) -> Array:
    """Return an array, of labels if the values are integers."""
    if isinstance(values, Array):
        return values
    array = np.asarray(values)
    return Array.of(array, None if array.dtype.kind in "ib" else "float32")


def real(values: Any) -> Array:
    """Return an array of real numbers."""
    if isinstance(values, Array):
        return values
    return Array.of(np.asarray(values, np.float64), "float32")


def found(
    target: Any, given: Any = ROWS, upstream: Any = None, **more: Any
) -> set[str]:
    """Return the details of a cross-entropy case."""
    names = ("reduction", "ignore_index", "label_smoothing")
    options = {name: more.pop(name) for name in names if name in more}
    arguments = {"input": real(given), "target": of(target)}
    arguments |= {name: real(values) for name, values in more.items()}
    scaled = None if upstream is None else of(upstream)
    case = Case("cross_entropy", "float32", arguments, options, scaled)
    return set(details(case, ask(case)))


CASES = [
    ({"target": [2, 0]}, set()),
    ({"target": [2, -100]}, {"ignore-default", "ignore-last"}),
    ({"target": [-1, 0], "ignore_index": -1}, {"ignore-negative", "ignore-first"}),
    ({"target": [2, 0], "ignore_index": 0}, {"ignore-class", "ignore-last"}),
    ({"target": [7, 0], "ignore_index": 7}, {"ignore-beyond", "ignore-first"}),
    ({"target": [2, 0], "ignore_index": 9}, {"ignore-none"}),
    ({"target": [-100, -100]}, {"ignore-default", "ignore-all"}),
    ({"target": [2, 0], "weight": [0, 1, 2]}, {"weight-zero"}),
    ({"target": [2, 0], "weight": [-1, 1, 0.5]}, {"weight-negative"}),
    ({"target": [2, 0], "weight": [0.25, 1, 0.5]}, {"weight-below-one"}),
    (
        {"target": [2, 0], "weight": [-1, 1, 1]},
        {"weight-negative", "weight-total-zero"},
    ),
    ({"target": [2, 0], "weight": [INF, 1, 1]}, {"weight-infinite"}),
    (
        {"target": [2, 0], "weight": [2, 1, 1], "label_smoothing": 1.0},
        {"smoothing-weight", "smoothing-whole"},
    ),
    (
        {"target": [[0.5, 0.5, 0], [1, 0, 0.0]], "label_smoothing": 0.1},
        {"probabilities-smoothed", "probabilities-one-hot"},
    ),
    (
        {"target": [[0.5, -0.5, 0], [1, 1, 0.0]], "weight": [1, 2, 3]},
        {
            "probabilities-weighted",
            "probabilities-negative",
            "probabilities-unnormalised",
        },
    ),
    (
        {"target": [[0, 0.5, 0.5]], "given": [[-INF, 0, 1]]},
        {"probabilities-masked", "minus-infinity-elsewhere"},
    ),
    ({"target": [0], "given": [[-INF, 0]]}, {"minus-infinity-target"}),
    (
        {"target": [-100, 0], "given": [[np.nan, 0], [1, 2]]},
        {"nan-ignored", "ignore-default", "ignore-first"},
    ),
    (
        {"target": [0, 1], "given": [[INF, 0], [1, 2]], "weight": [0, 2]},
        {"plus-infinity-weightless", "weight-zero"},
    ),
    ({"target": [0, 0], "given": [[1], [2]]}, {"one-class"}),
    (
        {"target": [2, 0], "reduction": "none", "upstream": [0, -1.0]},
        {"upstream-varied", "upstream-zero", "upstream-signed"},
    ),
    ({"target": [2, 0], "upstream": 4.0}, {"upstream-power"}),
    ({"target": [2, 3]}, {"target-classes", "target-mean"}),
    (
        {"target": [-5, 0], "label_smoothing": 0.5, "reduction": "sum"},
        {"target-negative", "target-sum", "target-smoothing"},
    ),
    ({"target": [2**40, 0]}, {"target-beyond-int32", "target-mean"}),
    ({"target": [True, False]}, {"target-bool"}),
    ({"target": [2.0, 0.0]}, {"target-float"}),
    ({"target": [[2], [0]]}, {"target-shape"}),
]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_details(given: dict[str, Any], expected: set[str]) -> None:
    """A case has exactly the details that its arguments show."""
    assert found(**given) == expected


@pytest.mark.parametrize("row", [[1e308] * 2, [*[1e308] * 64, *[-1e308] * 64]])
def test_probabilities_may_sum_beyond_the_range(row: list[float]) -> None:
    """Whether a sum overflows, or partial sums of both signs, nothing is warned of."""
    arguments = {"input": Array.of([[0.0] * len(row)]), "target": Array.of([row])}
    case = Case("cross_entropy", "float64", arguments)
    assert "probabilities-unnormalised" in details(case, ask(case))


LAYOUTS = [
    ((3, 1), 0, set()),
    ((1, 2), 0, {"input-transposed"}),
    ((6, 2), 0, {"input-strided"}),
    ((0, 1), 0, {"input-expanded"}),
    ((3, 1), 2, {"input-offset"}),
    ((-3, -1), 5, {"input-negative-strides"}),
]


@pytest.mark.parametrize(("strides", "offset", "expected"), LAYOUTS)
def test_layouts(strides: tuple[int, int], offset: int, expected: set[str]) -> None:
    """Each peculiarity of a layout has a name."""
    base = np.arange(12, dtype=np.float32)
    assert found([2, 0], Array(base, (2, 3), strides, offset)) == expected


def test_channels_last() -> None:
    """Of (N, C, d) with the classes fastest, the layout is called channels-last."""
    array = Array(np.arange(12, dtype=np.float32), (2, 3, 2), (6, 1, 3))
    assert "input-channels-last" in found([[0, 1], [2, 0]], array)


def test_pairs() -> None:
    """Of MAE and MSE: equal elements, nan, infinities, many elements."""

    def pair(x: Any, y: Any) -> set[str]:
        case = Case("mse", "float32", {"input": of(x), "target": of(y)})
        return set(details(case, ask(case)))

    assert pair([1.0, 2.0], [1.0, 3.0]) == {"equal"}
    assert pair([np.nan, 2.0], [1.0, INF]) == {"input-nan", "target-infinite"}
    assert pair([INF], [INF]) == {
        "input-infinite",
        "target-infinite",
        "equal-infinities",
    }
    assert pair(np.zeros(2048), np.ones(2048)) == {"many-elements"}
