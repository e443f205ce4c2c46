"""A case has exactly the features that its arguments show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.case import Array, Case
from conformance.checks import features

ROWS = [[1.5, -2.0, 0.25], [4.0, 0.0, -3.0]]
SHARES = [[0.25, 0.25, 0.5], [0.0, 1.0, 0.0]]
CUBE = np.arange(8.0).reshape(2, 2, 2)


def of(values: Any) -> Array:
    """Return an array, of labels if the values are integers."""
    if isinstance(values, Array):
        return values
    array = np.asarray(values)
    return Array.of(array, "int64" if array.dtype.kind == "i" else "float32")


def found(loss: str, upstream: Any = None, **given: Any) -> set[str]:
    """Return the features of a case of plain values."""
    names = ("reduction", "ignore_index", "label_smoothing")
    options = {name: given.pop(name) for name in names if name in given}
    arguments = {name: of(values) for name, values in given.items()}
    scaled = None if upstream is None else of(upstream)
    case = Case(loss, "float32", arguments, options, scaled)
    return set(features(case, ask(case)))


def strided(values: Any, *, offset: int = 0) -> Array:
    """Return every second element of a buffer."""
    base = np.repeat(np.asarray(values, dtype=np.float32), 2)
    base = np.concatenate([np.zeros(offset, np.float32), base])
    return Array(base, (len(values),), (2,), offset)


REGRESSION = [
    ({}, set()),
    ({"reduction": "sum"}, {"sum"}),
    ({"reduction": "none", "upstream": [1.0, 2.0, 3.0]}, {"none", "upstream"}),
    ({"target": [1.0]}, {"broadcast"}),
    ({"input": strided([1, 2, 3])}, {"layout"}),
    ({"input": strided([1, 2, 3], offset=1)}, {"layout"}),
    ({"input": Array(np.zeros(4, np.float32), (3,), (1,), 1)}, {"layout"}),
    ({"upstream": Array(np.ones(2, np.float32), (), (), 1)}, {"layout", "upstream"}),
    ({"input": [np.inf, 2.0, 3.0]}, {"special"}),
    ({"input": [np.nan, 2.0, 3.0]}, {"special"}),
    ({"reduction": "typo"}, {"invalid:reduction"}),
    ({"target": [1.0, 2.0]}, {"invalid:target"}),
]


@pytest.mark.parametrize("loss", ["mae", "mse"])
@pytest.mark.parametrize(("changes", "expected"), REGRESSION)
def test_regression(loss: str, changes: dict[str, Any], expected: set[str]) -> None:
    """Reductions, broadcasting, layouts and special values of MAE and MSE."""
    given = {"input": [1.0, 2.0, 3.0], "target": [1.0, 2.0, 5.0], **changes}
    reduced = expected & {"none", "sum"} or any(
        f.startswith("invalid") for f in expected
    )
    assert found(loss, **given) == expected | (set() if reduced else {"mean"})


CLASSIFICATION = [
    ({}, {"indices"}),
    ({"weight": [1.0, 2.0, 3.0]}, {"indices", "weight"}),
    ({"label_smoothing": 0.5}, {"indices", "smoothing"}),
    ({"label_smoothing": 0.0}, {"indices"}),
    ({"ignore_index": 1}, {"indices", "ignored"}),
    ({"ignore_index": 2}, {"indices"}),
    ({"target": [-100, 1]}, {"indices", "ignored"}),
    (
        {"weight": [1.0, 2.0, 3.0], "label_smoothing": 0.5, "ignore_index": 1},
        {"indices", "weight", "smoothing", "ignored", "joint"},
    ),
    ({"target": SHARES}, {"probabilities"}),
    ({"target": SHARES, "weight": [1.0, 2.0, 3.0]}, {"probabilities", "weight"}),
    ({"input": ROWS[0], "target": 1}, {"indices", "unbatched"}),
    ({"input": CUBE, "target": [[0, 1], [1, 1]]}, {"indices", "k-dim"}),
    (
        {"input": np.zeros((0, 3)), "target": np.zeros(0, int)},
        {"indices", "empty", "special"},
    ),
    ({"input": [[np.inf, 0.0, 1.0], ROWS[1]]}, {"indices", "special"}),
    ({"target": [0, 3]}, {"invalid:target"}),
    ({"weight": [1.0]}, {"invalid:weight"}),
    ({"label_smoothing": 1.5}, {"invalid:label_smoothing"}),
    ({"input": [[1, 2], [3, 4]], "target": [0, 1]}, {"invalid:input"}),
]


@pytest.mark.parametrize(("changes", "expected"), CLASSIFICATION)
def test_classification(changes: dict[str, Any], expected: set[str]) -> None:
    """Options, kinds of target and shapes of cross-entropy."""
    given = {"input": ROWS, "target": [0, 1], **changes}
    invalid = any(f.startswith("invalid") for f in expected)
    assert found("cross_entropy", **given) == expected | (
        set() if invalid else {"mean"}
    )


def test_axes_of_one_element_have_no_layout() -> None:
    """Any stride of an axis with one element is as good as another."""
    array = Array(np.ones(3, np.float32), (1, 3), (77, 1))
    assert "layout" not in found("mae", input=array, target=[[1.0, 2.0, 3.0]])
