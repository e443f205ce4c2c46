"""What the tests of the builders share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.builders.pool import pool_case
from conformance.builders.reals import SMALL
from reference.problem import (
    ProblemError,
    cross_entropy_problem,
    regression_problem,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Case

COUNT = 3000


@cache
def _first(loss: str, dtype: str) -> tuple[Case, ...]:
    return tuple(pool_case(loss, dtype, index) for index in range(COUNT))


@pytest.fixture(scope="session")
def first() -> Callable[[str, str], tuple[Case, ...]]:
    """Return the first 3000 cases of the pool of a loss and dtype, drawn once."""
    return _first


def _refused(case: Case) -> bool:
    arrays = {name: array.view() for name, array in case.arguments.items()}
    upstream = None if case.upstream is None else case.upstream.view()
    options = dict(case.options) | {"reduction": case.reduction}
    try:
        if case.loss != "cross_entropy":
            regression_problem(case.loss, **arrays, **options, upstream=upstream)
            return False
        indices = case.arguments["target"].base.dtype.kind in "iu"
        defaults = {"weight": None, "ignore_index": -100, "label_smoothing": 0.0}
        cross_entropy_problem(
            **(defaults | arrays | options),
            upstream=upstream,
            target_kind="index" if indices else "probability",
        )
    except ProblemError:
        return True
    return False


@pytest.fixture(scope="session")
def refused() -> Callable[[Case], bool]:
    """Return a function that says whether the reference refuses a case."""
    return _refused


@pytest.fixture(scope="session")
def small() -> Callable[[Case], bool]:
    """Return a function that says whether the input of a case is small."""
    return lambda case: case.arguments["input"].view().size <= SMALL
