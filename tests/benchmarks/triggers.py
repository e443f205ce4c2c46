"""What a planted fault looks at before it shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.case import Case


def numbers(case: Case) -> NDArray[np.float64]:
    """Return the input."""
    return case.arguments["input"].view().astype(np.float64)


def binades(values: NDArray[np.float64]) -> set[int]:
    """Return the exponents of the values that are finite and not zero."""
    known = values[np.isfinite(values) & (values != 0)]
    return set((np.frexp(known)[1] - 1).tolist())


def differences(case: Case) -> NDArray[np.float64]:
    """Return input minus target; nothing if the case is invalid."""
    target = case.arguments["target"].view().astype(np.float64)
    try:
        with np.errstate(invalid="ignore"):
            return np.asarray(numbers(case) - target)
    except ValueError:
        return np.zeros(0)


def indices(case: Case) -> NDArray[np.int64]:
    """Return the class indices; none of class probabilities."""
    target = case.arguments["target"]
    return target.view() if target.dtype == "int64" else np.zeros(0, np.int64)


def elements(case: Case) -> int:
    """Return how many elements the input has."""
    return math.prod(case.arguments["input"].shape)


def classes(case: Case) -> int:
    """Return the number of classes."""
    shape = case.arguments["input"].shape
    return shape[min(1, len(shape) - 1)]


def row_count(case: Case) -> int:
    """Return how many rows of logits there are."""
    return elements(case) // max(classes(case), 1)


def rows(case: Case) -> NDArray[np.float64]:
    """Return the logits, a row of classes each."""
    x = numbers(case)
    return np.moveaxis(x, min(1, x.ndim - 1), -1).reshape(-1, classes(case))


def gaps(case: Case) -> NDArray[np.float64]:
    """Return how far the logits are behind the largest of their row."""
    if not elements(case):
        return np.zeros((0, 1))
    table = rows(case)
    with np.errstate(invalid="ignore"):
        return np.asarray(table.max(axis=1, keepdims=True) - table)


def target_gaps(case: Case) -> NDArray[np.float64]:
    """Return how far the targets of the rows are behind the largest logits."""
    labels = indices(case).reshape(-1)
    if not elements(case) or labels.size != row_count(case):
        return np.zeros(0)
    valid = (labels >= 0) & (labels < classes(case))
    return gaps(case)[np.nonzero(valid)[0], labels[valid]]


def ignored(case: Case) -> int:
    """Return how many rows are ignored."""
    return int((indices(case) == case.options.get("ignore_index", -100)).sum())


def any_between(values: NDArray[np.float64], low: float, high: float) -> bool:
    """Is any value inside an open interval?"""
    return bool(((values > low) & (values < high)).any())


def has_residue(count: int, period: int, rest: int) -> bool:
    """Is the count above the period, and has it this rest?"""
    return count > period and count % period == rest
