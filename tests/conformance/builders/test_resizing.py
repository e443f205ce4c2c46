"""An axis gets another size; what is there is repeated or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.builders.axes import BATCH, CLASS
from conformance.builders.corpus import corpus
from conformance.builders.resizing import resized
from conformance.builders.shapes import LARGEST

if TYPE_CHECKING:
    from conformance.case import Case


def _named(loss: str, name: str) -> Case:
    (case,) = (n.case for n in corpus(loss, "float32") if n.name == name)
    return case


def _input(case: Case) -> Any:
    return case.arguments["input"].view().astype(np.float64)


def test_growing_repeats_what_is_there() -> None:
    """More classes bring their weights along, more rows their targets."""
    case = _named("cross_entropy", "weight")
    classes = resized(case, CLASS, 5)
    rows = resized(case, BATCH, 7)
    assert classes is not None
    assert rows is not None
    assert classes.arguments["weight"].view().tolist() == [2, 0.5, 3, 2, 0.5]
    assert _input(classes)[0].tolist() == [1.5, -2, 0.25, 1.5, -2]
    assert rows.arguments["target"].view().tolist() == [2, 0, 1, 2, 0, 1, 2]


def test_nothing_grows_without_end() -> None:
    """A size that makes the input too large is refused."""
    case = _named("cross_entropy", "plain")
    assert resized(case, BATCH, LARGEST) is None
    assert resized(case, CLASS, 0) is None


def test_shrinking_leaves_out_the_end() -> None:
    """Fewer rows are the first ones, and their targets stay with them."""
    case = _named("cross_entropy", "weight")
    rows = resized(case, BATCH, 2)
    assert rows is not None
    assert rows.arguments["target"].view().tolist() == [2, 0]
    assert np.array_equal(_input(rows), _input(case)[:2])
