"""The search climbs, propagates, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, configuration, given, settings
from hypothesis import strategies as st

from conformance.builders.cases import draw_case
from conformance.builders.choices import DrawnChoices
from conformance.builders.search import search
from conformance.case import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.case import Case


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


def _height(case: Case) -> float:
    """Return the mean of at least three distinct values: something to climb on."""
    values = case.arguments["input"].view().astype(np.float64)
    distinct = np.unique(values[np.abs(values) <= 64])
    return float(distinct.mean()) if distinct.size >= 3 else -64.0


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_search_spends_its_budget(loss: str, dtype: str) -> None:
    """The score is called as often as the budget says, each time with another case."""
    cases = _collect(loss, dtype, 30, 1)
    assert len(cases) == 30
    assert {(case.loss, case.dtype) for case in cases} == {(loss, dtype)}
    assert len({case.id for case in cases}) == 30


def test_same_seed_gives_the_same_cases() -> None:
    """The seed decides the cases, and another one gives others."""
    runs = [
        [c.id for c in _collect("cross_entropy", "float16", 40, s, _height)]
        for s in (5, 5, 6)
    ]
    assert runs[0] == runs[1]
    assert len(set(runs[0]) & set(runs[2])) < 20


def _undirected(budget: int, seed: int) -> float:
    best = [-64.0]

    @hypothesis.seed(seed)
    @settings(
        max_examples=budget,
        phases=[Phase.generate],
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def probe(data: st.DataObject) -> None:
        case = draw_case(DrawnChoices(data.draw), "mae", "float32")
        best.append(_height(case))

    probe()
    return max(best)


@pytest.mark.slow
def test_search_climbs() -> None:
    """Directed by the score, the search finds higher scores than draws alone do."""
    seeds = range(3)
    directed = [
        max(map(_height, _collect("mae", "float32", 400, seed, _height)))
        for seed in seeds
    ]
    assert median(directed) > median(_undirected(600, seed) for seed in seeds)


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


def test_the_storage_folder_is_given_back(tmp_path: Path) -> None:
    """A folder that a user chose for Hypothesis is the folder afterwards."""
    before = getattr(configuration, "__hypothesis_home_directory", None)
    configuration.set_hypothesis_home_dir(tmp_path)
    try:
        _collect("mae", "float32", 5, 0)
        after = getattr(configuration, "__hypothesis_home_directory", None)
    finally:
        configuration.set_hypothesis_home_dir(before)
    assert after == tmp_path
    assert list(tmp_path.iterdir()) == []


_SCRIPT = """
from conformance.builders.search import search
ids = []
def score(case: Case) -> float:
    ids.append(case.id)
    return float(len(case.options))
search("cross_entropy", "float32", budget=60, seed=9, score=score)
assert len(set(ids)) == 60
"""


@pytest.mark.parametrize("ci", [None, "1"])
def test_nothing_is_written_or_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str | None
) -> None:
    """On a CI machine or not, the search prints nothing and leaves no file."""
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", ci)
    monkeypatch.syspath_prepend(tmp_path)
    paths = [path for path in sys.path if path != str(tmp_path)]
    script = f"import sys\nsys.path[:] = {paths!r}\n{_SCRIPT}"
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
