"""A sweep comes by every size, binade, gap, label and count, and stays valid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.builders.choices import CounterChoices
from conformance.builders.corpus import corpus
from conformance.builders.layouts import place
from conformance.builders.pool import pool_case
from conformance.builders.sweeps import Sweep
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from collections.abc import Callable

LOSSES = ("mae", "mse", "cross_entropy")


def _named(loss: str, name: str) -> Case:
    (case,) = (n.case for n in corpus(loss, "float32") if n.name == name)
    return case


def _swept(case: Case, count: int = 400, seed: int = 0) -> list[Case]:
    sweep = Sweep(seed, case.loss, case.dtype)
    made = (sweep.vary(CounterChoices(seed, i), case) for i in range(count))
    return [varied for varied in made if varied is not None]


def _input(case: Case) -> Any:
    return case.arguments["input"].view().astype(np.float64)


def _labels(case: Case) -> Any:
    return case.arguments["target"].view()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_swept_case_is_valid(
    loss: str, dtype: str, refused: Callable[[Case], bool]
) -> None:
    """The reference accepts it; loss, dtype and weights stay; it is not large."""
    sweep = Sweep(1, loss, dtype)
    for index in range(100):
        case = pool_case(loss, dtype, index, 4)
        if refused(case):
            continue
        for turn in range(4):
            varied = sweep.vary(CounterChoices(turn, index), case)
            if varied is None:
                continue
            assert not refused(varied)
            assert (varied.loss, varied.dtype) == (loss, dtype)
            assert ("weight" in varied.arguments) == ("weight" in case.arguments)
            size = math.prod(varied.arguments["input"].shape)
            assert size <= max(512, math.prod(case.arguments["input"].shape))


def test_turns_are_even() -> None:
    """Any 40 turns in a row come by more than 30 of 40 places, in each axis apart."""
    sweep = Sweep(5, "mae", "float32")
    turns = [sweep.integer("size", 1, 40) for _ in range(200)]
    assert set(turns) == set(range(1, 41))
    assert all(len(set(turns[i : i + 40])) > 30 for i in range(160))
    again = Sweep(5, "mae", "float32")
    assert [again.integer("size", 1, 40) for _ in range(200)] == turns
    assert [again.integer("gap", 1, 40) for _ in range(200)] != turns
    other = Sweep(6, "mae", "float32")
    assert [other.integer("size", 1, 40) for _ in range(200)] != turns


def test_the_end_points_of_an_axis_are_reached() -> None:
    """Both are included, also where there is but one value."""
    sweep = Sweep(0, "mse", "float64")
    assert {sweep.integer("a", -3, 3) for _ in range(60)} == set(range(-3, 4))
    assert {sweep.integer("b", 7, 7) for _ in range(9)} == {7}


@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_sizes_and_binades_of_differences(loss: str) -> None:
    """Most sizes up to 132, most usual binades, and in single cases nearly all."""
    cases = _swept(_named(loss, f"tutorial-{loss}"))
    tops = {int(np.frexp(np.abs(_input(c)).max())[1]) - 1 for c in cases}
    sizes = {_input(c).shape[0] for c in cases if _input(c).ndim == 1}
    most = max(len(set(np.frexp(_input(c))[1].reshape(-1).tolist())) for c in cases)
    assert len(sizes & set(range(1, 133))) > 120
    assert len(tops & set(range(-32, 33))) > 55
    assert min(tops) < -100
    assert max(tops) > 100
    assert most > 200


def test_sizes_labels_and_counts_of_rows() -> None:
    """Most class counts and row counts, all labels, many counts of ignored rows."""
    cases = _swept(_named("cross_entropy", "plain"), 600)
    assert len({_input(c).shape[1] for c in cases}) > 100
    assert len({_input(c).shape[0] for c in cases}) > 100
    assert len({int(k) for c in cases for k in _labels(c).reshape(-1)}) > 110
    assert len({int((_labels(c) == -100).sum()) for c in cases}) > 40


def test_gaps_of_targets() -> None:
    """Within 400 turns each gap from 0 to 110 is met to a sixteenth."""
    behind = []
    for case in _swept(_named("cross_entropy", "plain")):
        rows, labels = _input(case), _labels(case)
        kept = labels != -100
        chosen = rows[np.nonzero(kept)[0], labels[kept]]
        behind.extend((rows.max(axis=1)[kept] - chosen).tolist())
    steps = np.diff(np.unique([gap for gap in behind if 0 <= gap <= 111]))
    assert steps.max() < 1 / 16


def test_an_ignored_class_inside_the_range_is_counted_too() -> None:
    """Where class 1 is ignored, the first rows have it and some cases have no row."""
    plain = _named("cross_entropy", "plain")
    case = Case("cross_entropy", "float32", plain.arguments, {"ignore_index": 1})
    counts = {int((_labels(c) == 1).sum()) for c in _swept(case)}
    assert 0 in counts
    assert len(counts) > 40


def test_probabilities_and_single_rows_are_swept_as_far_as_they_go() -> None:
    """Class probabilities keep their kind; an unbatched row stays one."""
    for name in ("probabilities", "unbatched"):
        case = _named("cross_entropy", name)
        swept = _swept(case, 200)
        assert {c.arguments["target"].dtype for c in swept} == {
            case.arguments["target"].dtype
        }
        assert {_input(c).ndim for c in swept} == {_input(case).ndim}
        assert len({_input(c).shape for c in swept}) > 20


@pytest.mark.parametrize("shape", [(3, 0), (0, 3), (2, 3, 0)])
def test_what_is_empty_is_not_swept(shape: tuple[int, ...]) -> None:
    """Without classes or rows there is nothing to put anywhere."""
    rows = (*shape[:1], *shape[2:])
    arguments = {
        "input": place(np.zeros(shape, np.float32)),
        "target": place(np.zeros(rows, np.int64)),
    }
    assert _swept(Case("cross_entropy", "float32", arguments), 40) == []
