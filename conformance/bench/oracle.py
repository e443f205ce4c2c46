"""This project's oracle, as a contender: the questions that are put to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference import evaluate
from reference.problem import IGNORE_INDEX, cross_entropy_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.bench.workload import Inputs
    from reference import Result
    from reference.columns import Columns
    from reference.enclosure import Rounding


def enclosures(bits: int, threads: int, inputs: Inputs) -> Callable[[], list[Columns]]:
    """Return what encloses loss and gradient to so many relative bits.

    Args:
        bits: 40, that is plain float64 arithmetic, or 80, double words.
        threads: How many may work.
        inputs: NumPy arrays; checking them is part of the work.
    """

    def work() -> list[Columns]:
        result = _result(inputs, threads)
        return [q.columns(bits) for q in (result.value, result.gradient["input"])]

    return work


def rounded(name: str, threads: int, inputs: Inputs) -> Callable[[], list[Rounding]]:
    """Return what rounds loss and gradient correctly into the format of that name."""

    def work() -> list[Rounding]:
        result = _result(inputs, threads)
        return [q.rounding(name) for q in (result.value, result.gradient["input"])]

    return work


def _result(inputs: Inputs, threads: int) -> Result:
    problem = cross_entropy_problem(
        inputs.logits,
        inputs.labels,
        weight=None,
        ignore_index=IGNORE_INDEX,
        reduction="mean",
        label_smoothing=0.0,
        upstream=None,
    )
    return evaluate(problem, threads=threads)
