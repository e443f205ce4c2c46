"""The search: Hypothesis draws the cases and climbs towards a higher score."""

from __future__ import annotations

import math
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration, strategies

from conformance.builders.cases import draw_case
from conformance.builders.choices import DrawnChoices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.case import Case

LABEL: Final = "score"


_REPEATS: Final = 3
"""Cases that Hypothesis may draw for each one scored: about half are repetitions."""

_EXAMPLES: Final = 1000
"""From so many on, Hypothesis climbs early and again, not once in the middle."""


class _Stop(BaseException):
    """Ends a search; with an exception of the score, which Hypothesis would replay."""


def search(
    loss: str,
    dtype: str,
    *,
    budget: int,
    seed: int,
    score: Callable[[Case], float],
) -> None:
    """Give `score` up to `budget` cases, drawn so that its result tends to grow.

    What is worth keeping, `score` keeps itself: the search returns nothing, shrinks
    nothing, stores nothing and prints nothing. The same seed gives the same cases as
    long as the scores and the release of Hypothesis are the same.

    Args:
        loss: `mae`, `mse` or `cross_entropy`.
        dtype: One of `conformance.case.DTYPES`.
        budget: Calls of `score`, at most, each with another case.
        seed: Where the search starts.
        score: Called with each case. A result that is not finite directs nothing.

    Raises:
        BaseException: Whatever `score` raises, at once.
    """
    once = _Once(score, budget)

    @hypothesis.seed(seed)
    @_settings(max(budget * _REPEATS, _EXAMPLES))
    @hypothesis.given(_cases(loss, dtype))
    def probe(case: Case) -> None:
        result = once(case)
        if math.isfinite(result):
            hypothesis.target(result, label=LABEL)

    with _own_storage():
        failure = _failure_of(probe)
    if failure is not None:
        raise failure


class _Once:
    """A score that asks once for each case, and stops the search when it has to."""

    def __init__(self, score: Callable[[Case], float], budget: int) -> None:
        self._score = score
        self._left = budget
        self._known: dict[str, float] = {}

    def __call__(self, case: Case) -> float:
        if case.id not in self._known:
            if not self._left:
                raise _Stop
            self._left -= 1
            try:
                self._known[case.id] = float(self._score(case))
            except BaseException as error:
                raise _Stop from error
        return self._known[case.id]


def _failure_of(probe: Callable[[], None]) -> BaseException | None:
    try:
        probe()
    except _Stop as stop:
        return stop.__cause__
    return None


@strategies.composite
def _cases(draw: strategies.DrawFn, loss: str, dtype: str) -> Case:
    return replace(draw_case(DrawnChoices(draw), loss, dtype), origin="search")


def _settings(examples: int) -> hypothesis.settings:
    """Return settings that owe nothing to a profile, to `CI` or to stored examples."""
    return hypothesis.settings(
        max_examples=examples,
        phases=(Phase.generate, Phase.target),
        database=None,
        derandomize=False,
        deadline=None,
        suppress_health_check=tuple(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        backend="hypothesis",
    )


@contextmanager
def _own_storage() -> Iterator[None]:
    """Keep Hypothesis' files, which it writes even without a database, out of sight."""
    # There is a public way to set the folder but none to ask for it.
    previous = getattr(configuration, "__hypothesis_home_directory", None)
    with tempfile.TemporaryDirectory(prefix="loss-conformance-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(previous)
