"""Shapes of both kinds of loss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.builders import shapes
from conformance.builders.choices import CounterChoices
from conformance.builders.reals import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable


CLASSES = [shapes.classification(CounterChoices(0, i)) for i in range(4000)]
PAIRS = [shapes.regression(CounterChoices(1, i)) for i in range(4000)]


def test_classification_is_mostly_small() -> None:
    """All but a few of a hundred inputs have at most 64 elements, none above 4200."""
    counts = [math.prod(shape.input) for shape in CLASSES]
    assert 0.03 < sum(n > SMALL for n in counts) / len(counts) < 0.12
    assert max(counts) <= shapes.LARGEST


@pytest.mark.parametrize(
    "predicate",
    [
        lambda s: s.batch is None,
        lambda s: s.spatial == () and s.batch == 1,
        lambda s: len(s.spatial) == 1,
        lambda s: len(s.spatial) == 2,
        lambda s: s.batch == 0,
        lambda s: 0 in s.spatial,
        lambda s: s.batch == s.classes == 3 and s.spatial == (3, 3),
        lambda s: s.classes == 1,
        lambda s: s.classes == 2049,
        lambda s: s.batch == 257,
        lambda s: s.spatial in {(2047,), (2048,), (2049,)},
        lambda s: s.batch is None and s.classes > 1000,
        lambda s: s.batch == 31,
    ],
)
def test_classification_reaches(predicate: Callable[..., Any]) -> None:
    """Every rank, empty and single sizes, and sizes at the cliffs are drawn."""
    assert any(predicate(shape) for shape in CLASSES)


def test_classification_shapes_agree() -> None:
    """The target has the shape of the input without its class axis."""
    shape = shapes.ClassShape(2, 5, (3, 4))
    assert shape.input == (2, 5, 3, 4)
    assert shape.target == (2, 3, 4)
    assert shape.rows == 24
    unbatched = shapes.ClassShape(None, 5)
    assert (unbatched.input, unbatched.target, unbatched.rows) == ((5,), (), 1)


def test_pairs_broadcast() -> None:
    """Input and target always broadcast, and most often have one shape."""
    for left, right in PAIRS:
        np.broadcast_shapes(left, right)
    assert sum(left == right for left, right in PAIRS) / len(PAIRS) > 0.75


@pytest.mark.parametrize(
    "predicate",
    [
        lambda a, b: a == b == (),
        lambda a, b: len(a) == len(b) == 3,
        lambda a, b: a == b == (0,),
        lambda a, b: len(a) > len(b) > 0,
        lambda a, b: len(a) < len(b),
        lambda a, b: a != b and len(a) == len(b),
        lambda a, _: 2049 in a,
    ],
)
def test_pairs_reach(predicate: Callable[..., Any]) -> None:
    """Scalars, three axes, empty, broadcast either way, and large pairs are drawn."""
    assert any(predicate(left, right) for left, right in PAIRS)
