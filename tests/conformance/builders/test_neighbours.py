"""Neighbours of a case have nearly its numbers, in a crowd many times over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.builders import neighbours
from conformance.builders.axes import arrays
from conformance.builders.choices import CounterChoices
from conformance.builders.corpus import corpus
from conformance.builders.grid import grid
from conformance.builders.layouts import place
from conformance.case import DTYPES, Case, numpy_dtype


def _named(loss: str, name: str) -> Case:
    (case,) = (n.case for n in corpus(loss, "float32") if n.name == name)
    return case


def _pair(dtype: str, values: list[float]) -> Case:
    array = np.array(values, dtype=numpy_dtype(dtype))
    return Case("mse", dtype, {"input": place(array), "target": place(-array)})


def _input(case: Case) -> Any:
    return case.arguments["input"].view().astype(np.float64)


def _varied(move: Any, case: Case, count: int = 300) -> list[Case]:
    made = (move(CounterChoices(3, i), case) for i in range(count))
    return [varied for varied in made if varied is not None]


@pytest.mark.parametrize("dtype", DTYPES)
def test_jitter_keeps_signs_zeros_and_what_is_not_finite(dtype: str) -> None:
    """Whatever moves stays finite, keeps its sign, and is not more than doubled."""
    top, tiny = grid(dtype).largest, grid(dtype).tiny
    old = [1.0, -1.0, 0.0, -0.0, np.inf, -np.inf, np.nan, top, -top, 64 * tiny]
    for case in _varied(neighbours.jitter, _pair(dtype, old)):
        new = _input(case)
        assert np.array_equal(np.signbit(new), np.signbit(old))
        assert np.array_equal(new[2:7], old[2:7], equal_nan=True)
        assert np.isfinite(new[7:]).all()
        assert (np.abs(new[:2]) >= 0.5).all()
        assert (np.abs(new[:2]) <= 2).all()
        assert (new[9:] > 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_jitter_moves_by_one_unit_or_by_half(dtype: str) -> None:
    """Some neighbours are the next numbers, others are far along the binade."""
    one = grid(dtype).quantum(1.0)
    moves = [
        abs(_input(c)[0] - 1) for c in _varied(neighbours.jitter, _pair(dtype, [1, 2]))
    ]
    assert one in moves
    assert max(moves) > 0.25
    assert 0 in moves


def test_jitter_leaves_the_case_itself_alone() -> None:
    """The case that is varied keeps its bits, and the variation its layout."""
    case = _named("cross_entropy", "weight")
    before = case.to_json()
    for varied in _varied(neighbours.jitter, case, 50):
        assert varied.options == case.options
        for name, array in arrays(varied).items():
            assert array.strides == arrays(case)[name].strides
    assert case.to_json() == before


def test_a_crowd_has_a_result_for_each_neighbour() -> None:
    """It repeats the rows, moved apart, reduces nothing and keeps the classes."""
    crowds = _varied(neighbours.crowd, _named("cross_entropy", "weight"))
    sizes = {case.arguments["input"].shape[0] for case in crowds}
    assert all(case.reduction == "none" for case in crowds)
    assert all(case.arguments["input"].shape[1] == 3 for case in crowds)
    assert min(sizes) >= 8
    assert max(sizes) > 64
    assert len({n % 8 for n in sizes}) == 8
    apart = [len(np.unique(_input(c), axis=0)) for c in crowds]
    assert max(apart) > 32


def test_a_crowd_is_no_larger_than_its_room() -> None:
    """A case that fills the room is only jittered; one row of classes is no crowd."""
    large = _pair("float32", [float(k) for k in range(1, 301)])
    for case in _varied(neighbours.crowd, large, 30):
        assert case.arguments["input"].shape == (300,)
    assert _varied(neighbours.crowd, _named("cross_entropy", "unbatched"), 30) == []


def test_a_cotangent_that_no_longer_fits_is_left_out() -> None:
    """Without a reduction a scalar cotangent would be of the wrong shape."""
    array = place(np.ones(3, np.float32))
    scalar = place(np.array(2, np.float32))
    case = Case("mae", "float32", {"input": array, "target": array}, {}, scalar)
    assert neighbours.unreduced(case).upstream is None
    kept = Case("mae", "float32", case.arguments, {"reduction": "none"}, array)
    assert neighbours.unreduced(kept) is kept


def test_integers_have_no_neighbours() -> None:
    """Where no array holds reals, as in some invalid cases, nothing varies."""
    whole = place(np.array([1, 2]))
    case = Case("mae", "float32", {"input": whole, "target": whole})
    assert neighbours.jitter(CounterChoices(0, 0), case) is None
    assert neighbours.nudge(CounterChoices(0, 0), case) is None
