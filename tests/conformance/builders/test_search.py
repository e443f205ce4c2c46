"""The search climbs, propagates, and leaves nothing behind."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from conformance.builders.search import drawn, search
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


def _collect(
    loss: str,
    dtype: str,
    budget: int,
    seed: int,
    score: Callable[[Case], float] = lambda _: 0.0,
) -> list[Case]:
    cases = []

    def remembered(case: Case) -> float:
        cases.append(case)
        return score(case)

    search(loss, dtype, budget=budget, seed=seed, score=remembered)
    return cases


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_search_spends_its_budget(loss: str, dtype: str) -> None:
    """The score is called as often as the budget says, each time with another case."""
    cases = _collect(loss, dtype, 30, 1)
    assert len(cases) == 30
    assert {(case.loss, case.dtype) for case in cases} == {(loss, dtype)}
    assert len({case.id for case in cases}) == 30
    assert {case.origin for case in cases} == {"search"}


def _elements(case: Case) -> float:
    return float(case.arguments["input"].view().size)


def test_same_seed_gives_the_same_cases() -> None:
    """The seed decides the cases, and another one gives others."""
    runs = [
        [c.id for c in _collect("cross_entropy", "float16", 40, s, _elements)]
        for s in (5, 5, 6)
    ]
    assert runs[0] == runs[1]
    assert len(set(runs[0]) & set(runs[2])) < 20


def _rarity(case: Case) -> float:
    """Return how many of seven things come together in a case, in tenths."""
    shape = case.arguments["input"].shape
    return 0.1 + 0.1 * sum(
        (
            shape[0] == 23,
            shape[1:2] == (4,),
            case.options.get("label_smoothing", 0) > 0,
            "weight" in case.arguments,
            case.reduction == "sum",
            case.upstream is not None,
            "ignore_index" in case.options,
        )
    )


def test_search_climbs() -> None:
    """It brings more together than its own draws alone, in the mean of 5 seeds."""
    climbed, draws = [], []
    for seed in range(5):
        cases = _collect("cross_entropy", "float32", 300, seed, _rarity)
        climbed.append(max(map(_rarity, cases)))
        alone = (drawn("cross_entropy", "float32", seed, i) for i in range(300))
        draws.append(max(map(_rarity, alone)))
    assert statistics.fmean(climbed) > statistics.fmean(draws)


def test_a_case_at_its_bound_is_no_parent() -> None:
    """Where every score is 1 or more, nothing is varied: all cases are draws."""
    cases = _collect("mse", "float32", 60, 2, lambda _: 1.0)
    draws = {drawn("mse", "float32", 2, i).id for i in range(80)}
    assert {case.id for case in cases} <= draws


def test_more_than_a_third_are_the_first_draws() -> None:
    """Whatever scores well, cases that undirected generation begins with are met."""
    cases = [case.id for case in _collect("mse", "float32", 100, 2, lambda _: 0.5)]
    draws = [drawn("mse", "float32", 2, i).id for i in range(100)]
    met = [one for one in cases if one in draws]
    assert 34 <= len(met) < 60
    assert met == draws[: len(met)]


def _rounding_error(case: Case) -> float:
    """Return the largest rounding error of a difference, in shares of its bound."""
    x, y = (case.arguments[k].view().astype(np.float64) for k in ("input", "target"))
    if x.shape != y.shape or case.reduction != "none":
        return 0.0
    with np.errstate(all="ignore"):
        exact = x - y
        error = np.abs(exact - exact.astype(np.float32)) / np.abs(exact)
    return float(error[np.isfinite(error)].max(initial=0.0)) * 2**24


def test_search_finds_numbers_that_round_badly() -> None:
    """It comes nearer to the bound than its own draws alone in 8 of 10 seeds."""
    nearer = 0
    for seed in range(10):
        cases = _collect("mae", "float32", 100, seed, _rounding_error)
        alone = (drawn("mae", "float32", seed, i) for i in range(100))
        nearer += max(map(_rounding_error, cases)) >= max(map(_rounding_error, alone))
    assert nearer >= 8


def _sizes_within(cases: Iterable[Case]) -> int:
    return len({n for n in map(_elements, cases) if n <= 132})


def test_search_comes_by_more_sizes_than_its_draws() -> None:
    """Of the numbers of elements up to 132 it meets half as many more in 300 cases."""
    cases = _collect("mae", "float32", 300, 3, lambda _: 0.5)
    alone = (drawn("mae", "float32", 3, i) for i in range(300))
    assert _sizes_within(cases) > 1.5 * _sizes_within(alone)


def test_a_draw_that_scored_nothing_is_not_swept() -> None:
    """Invalid draws score nothing: what is swept comes from a draw that did."""
    valid = [drawn("mae", "float32", 6, i).id for i in range(40)]

    def score(case: Case) -> float:
        return 0.5 if case.id == valid[3] else 0.0

    cases = _collect("mae", "float32", 60, 6, score)
    others = [case for case in cases if case.id not in valid]
    parent = drawn("mae", "float32", 6, 3)
    assert others
    assert all(cases.index(case) > 3 for case in others)
    assert {len(c.arguments["input"].shape) for c in others} == {
        len(parent.arguments["input"].shape)
    }


def test_scores_that_are_not_finite_direct_nothing() -> None:
    """An infinite or missing score is accepted in silence."""
    for value in (float("inf"), float("-inf"), float("nan")):
        assert len(_collect("mse", "float64", 10, 0, lambda _, v=value: v)) == 10


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_exceptions_of_the_score_come_out_at_once(kind: type[BaseException]) -> None:
    """What the score raises reaches the caller as it is, after that one call."""
    calls = []
    error = kind("mine")

    def score(case: Case) -> float:
        calls.append(case)
        if len(calls) == 3:
            raise error
        return 0.0

    with pytest.raises(kind, match="mine") as caught:
        search("mae", "float32", budget=50, seed=0, score=score)
    assert caught.value is error
    assert len(calls) == 3


_SCRIPT = """
import sys
from conformance.builders.search import search
ids = []
def score(case):
    ids.append(case.id)
    return float(len(case.options))
search("cross_entropy", "float32", budget=60, seed=9, score=score)
assert len(set(ids)) == 60
assert "hypothesis" not in sys.modules
"""


def test_nothing_is_written_or_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search prints nothing, leaves no file and does without Hypothesis."""
    monkeypatch.syspath_prepend(tmp_path)
    paths = [path for path in sys.path if path != str(tmp_path)]
    script = f"import sys\nsys.path[:] = {paths!r}\n{_SCRIPT}"
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
