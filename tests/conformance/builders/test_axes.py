"""Axes that belong together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.builders.axes import keep, labels, sizes, without_axis
from conformance.builders.layouts import place
from conformance.case import Case

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def _case(loss: str, upstream: ArrayLike | None = None, **arguments: Any) -> Case:
    placed = {name: place(np.asarray(values)) for name, values in arguments.items()}
    cotangent = None if upstream is None else place(np.asarray(upstream))
    return Case(loss, "float32", placed, {"reduction": "none"}, cotangent)


CUBE = _case(
    "cross_entropy",
    np.ones((2, 4), np.float32),
    input=np.zeros((2, 3, 4), np.float32),
    target=np.array([[0, 1, 2, 3], [2, 2, -100, 0]]),
    weight=np.float32([5, 6, 7]),
)


def test_labels_of_classification() -> None:
    """The class axis is second; target and cotangent have the others."""
    assert labels(CUBE) == {
        "input": ("batch", "class", "axis 0"),
        "target": ("batch", "axis 0"),
        "weight": ("class",),
        "upstream": ("batch", "axis 0"),
    }
    assert sizes(CUBE) == {"batch": 2, "class": 3, "axis 0": 4}


def test_labels_of_broadcast_pairs() -> None:
    """Axes of a broadcast pair are counted from the last one."""
    case = _case("mse", input=np.zeros((2, 3)), target=np.zeros(3))
    assert labels(case) == {"input": ("axis 1", "axis 0"), "target": ("axis 0",)}


def test_unexpected_rank_has_no_labels() -> None:
    """An invalid case is cut where its ranks make sense and left alone elsewhere."""
    case = _case("cross_entropy", input=np.zeros((2, 3)), target=np.int64([[0, 1]]))
    assert labels(case)["target"] == ()
    assert keep(case, "batch", [0]).arguments["target"].shape == (1, 2)


def test_keeping_rows_cuts_every_array() -> None:
    """Input, target and cotangent lose the same rows."""
    cut = keep(CUBE, "batch", [1])
    assert cut.arguments["input"].shape == (1, 3, 4)
    assert cut.arguments["target"].view().tolist() == [[2, 2, -100, 0]]
    assert cut.upstream.shape == (1, 4)
    assert cut.arguments["weight"].shape == (3,)


def test_keeping_classes_renames_indices() -> None:
    """Kept classes keep their rows; 3, out of range, stays out of range."""
    cut = keep(CUBE, "class", [0, 2])
    assert cut.arguments["input"].shape == (2, 2, 4)
    assert cut.arguments["weight"].view().tolist() == [5, 7]
    assert cut.arguments["target"].view().tolist() == [[0, 1, 1, 2], [1, 1, -100, 0]]


def test_ignored_class_is_not_dropped() -> None:
    """A class that is ignored cannot be left out."""
    case = Case(
        CUBE.loss, CUBE.dtype, CUBE.arguments, {"ignore_index": 1, "reduction": "none"}
    )
    assert keep(case, "class", [0, 2]) is None
    assert keep(case, "class", [1, 2]).options["ignore_index"] == 0


def test_axis_of_size_one_goes() -> None:
    """An axis of size one is left out of every array that has it."""
    single = keep(CUBE, "axis 0", [2])
    flat = without_axis(single, "axis 0")
    assert flat.arguments["input"].shape == (2, 3)
    assert flat.arguments["target"].view().tolist() == [2, -100]
    assert flat.upstream.shape == (2,)


def test_a_tangent_follows_the_input() -> None:
    """It is cut where the input is cut."""
    cube = replace(
        CUBE, tangent=place(np.arange(24, dtype=np.float32).reshape(2, 3, 4))
    )
    assert labels(cube)["tangent"] == labels(cube)["input"]
    cut = keep(cube, "class", [0, 2])
    assert cut is not None
    assert cut.tangent is not None
    assert cut.tangent.view()[0, :, 0].tolist() == [0, 8]
    pair = _case("mse", input=np.zeros((2, 3)), target=np.zeros(3))
    pair = replace(pair, tangent=place(np.arange(6.0).reshape(2, 3)))
    cut = keep(pair, "axis 0", [1])
    assert cut is not None
    assert cut.tangent is not None
    assert cut.tangent.view().tolist() == [[1], [4]]
