"""The named cases."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.builders.corpus import ENTRIES, corpus
from conformance.builders.layouts import layout_of
from conformance.case import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Array, Case

    Judge = Callable[[Case], bool]


LOSSES = ("mae", "mse", "cross_entropy")
EVERY = pytest.mark.parametrize(
    ("loss", "dtype"), [(loss, dtype) for loss in LOSSES for dtype in DTYPES]
)


def _by_name(loss: str, dtype: str) -> dict[str, Case]:
    return {named.name: named.case for named in corpus(loss, dtype)}


@EVERY
def test_names_are_unique_and_reasons_given(loss: str, dtype: str) -> None:
    """A name stands for one case, whose origin it is, and each has a reason."""
    named = corpus(loss, dtype)
    assert len({n.name for n in named}) == len(named) > 30
    assert all(n.case.origin == f"corpus:{n.name}" and n.reason for n in named)
    assert all((n.case.loss, n.case.dtype) == (loss, dtype) for n in named)


def test_another_direction_is_asked_for_right_behind_the_first() -> None:
    """Only a call right before it shows a kept answer, so nothing may come between."""
    met = 0
    for loss, dtype in ((loss, dtype) for loss in LOSSES for dtype in DTYPES):
        for one, other in pairwise(corpus(loss, dtype)):
            if other.name.endswith("-otherwise"):
                met += 1
                assert other.name == f"{one.name}-otherwise"
                again = replace(other.case, tangent=one.case.tangent)
                assert again.id == one.case.id != other.case.id
    assert met


@EVERY
def test_no_case_is_there_twice(loss: str, dtype: str) -> None:
    """No two names stand for the same case."""
    named = corpus(loss, dtype)
    assert len({n.case.id for n in named}) == len(named)


@EVERY
def test_invalid_cases_are_called_so(loss: str, dtype: str, refused: Judge) -> None:
    """The reference refuses exactly the cases whose name says `invalid`."""
    for named in corpus(loss, dtype):
        assert refused(named.case) == named.name.startswith("invalid-"), named.name


@EVERY
def test_buffers_are_small(loss: str, dtype: str) -> None:
    """Large cases are expanded, so that no buffer is."""
    for named in corpus(loss, dtype):
        for array in named.case.arguments.values():
            assert array.base.size <= 2051, named.name


def test_every_entry_is_used() -> None:
    """No entry is written for a loss or dtype that does not exist."""
    for entry in ENTRIES:
        assert any(entry.applies(loss, dtype) for loss in LOSSES for dtype in DTYPES)


def _values(array: Array) -> Any:
    return array.view().astype(np.float64).tolist()


@pytest.mark.parametrize(
    ("loss", "name", "given", "target"),
    [
        ("mae", "tutorial-mae", [1, 2, 3], [1, 2, 5]),
        ("mse", "tutorial-mse", [1, 2, 3], [1, 2, 5]),
        ("cross_entropy", "tutorial-cross-entropy-float-target", [1, 2, 3], [1, 2, 5]),
        ("cross_entropy", "tutorial-cross-entropy-corrected", [1, 2, 3], 1),
    ],
)
def test_tutorial_examples(
    loss: str, name: str, given: list[float], target: list[float] | int
) -> None:
    """The tutorial's own numbers are there, in its dtype and no other."""
    case = _by_name(loss, "float32")[name]
    assert _values(case.arguments["input"]) == given
    assert _values(case.arguments["target"]) == target
    assert dict(case.options) == {}
    assert name not in _by_name(loss, "float64")


def test_tutorial_scores_are_rounded_once() -> None:
    """The scores 0.1, 0.2 and 0.3 are those of float32, and the target is an index."""
    case = _by_name("cross_entropy", "float32")["tutorial-cross-entropy"]
    assert _values(case.arguments["input"]) == np.float32([0.1, 0.2, 0.3]).tolist()
    assert case.arguments["target"].dtype == "int64"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gap", [6, 17, 40])
def test_gaps_are_pinned_everywhere(dtype: str, gap: int) -> None:
    """The logits [0, -gap] with target 0 are in every dtype."""
    case = _by_name("cross_entropy", dtype)[f"gap-{gap}"]
    assert _values(case.arguments["input"]) == [[0, -gap]]
    assert _values(case.arguments["target"]) == [0]


def test_large_half_cases_are_expanded() -> None:
    """Counts beyond a half come with buffers of a few elements."""
    case = _by_name("cross_entropy", "float16")["rows-65520"]
    assert case.arguments["input"].shape == (65520, 2)
    assert case.arguments["input"].base.size == 1
    assert layout_of(case.arguments["target"]).expanded == {0}


def test_symbols_mean_the_ends_of_a_format() -> None:
    """`largest`, `tiny` and `subnormal` are those of the dtype."""
    case = _by_name("mae", "bfloat16")["subnormals"]
    tiny, _, subnormal = _values(case.arguments["input"])
    assert Fraction(tiny) == Fraction(2) ** -133
    assert Fraction(subnormal) == Fraction(2) ** -126 - Fraction(2) ** -133
