"""The search climbs, propagates, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import Phase, configuration, given, settings
from hypothesis import strategies as st

from conformance.builders.choices import DrawnChoices
from conformance.builders.search import search
from conformance.case import DTYPES, Array, Case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.builders.choices import Choices


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


def _pair(choices: Choices, loss: str, dtype: str) -> Case:
    """Return a case of two whole numbers: the smallest thing to climb on."""
    drawn = [choices.integer(0, 50_000) for _ in range(2)]
    return Case(loss, dtype, {"input": Array.of(drawn, dtype)})


def _nearness(case: Case) -> float:
    """Return how near the two numbers are to two others, at most zero."""
    first, second = case.arguments["input"].view().tolist()
    return -abs(first - 777) - abs(second - 43_210)


def _undirected(budget: int, seed: int) -> float:
    best = []

    @hypothesis.seed(seed)
    @settings(max_examples=budget, phases=[Phase.generate], derandomize=False)
    @given(st.data())
    def probe(data: st.DataObject) -> None:
        best.append(_nearness(_pair(DrawnChoices(data.draw), "mae", "float32")))

    probe()
    return max(best)


@pytest.mark.parametrize("seed", range(3))
def test_search_climbs(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directed by its scores, a search comes ten times nearer than draws alone do."""
    monkeypatch.setattr("conformance.builders.search.draw_case", _pair)
    best = max(map(_nearness, _collect("mae", "float32", 400, seed, _nearness)))
    assert best > _undirected(400, seed) / 10


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
def score(case):
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
