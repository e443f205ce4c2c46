"""How large and how small the numbers inside a computation can become."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reference.problem import class_axis_last

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.case import Case


def reach(case: Case) -> float:
    """Return a number that no intermediate result of the case exceeds by much.

    The largest term (twice the largest input and target, its square for MSE; and log n
    beside a difference of logits) times the number of terms, times whatever of weights,
    class probabilities, upstream gradient and reciprocals of weights exceeds 1. Where
    it is below the largest number of a format, nothing can have overflowed in it.
    """
    with np.errstate(all="ignore"):
        size = max(_terms(case), 1)
        term = 2 * max(_largest(case, "input"), _largest(case, "target"))
        if case.loss == "cross_entropy":
            term = (term + math.log(size)) * max(1.0, _largest(case, "target"))
        total = size * max(1.0, term, term * term if case.loss == "mse" else 0.0)
        weights = _finite(case, "weight")
        used = weights[weights != 0]
        total *= float(np.max([1.0, *(1 / used), *used]))
        return float(total * max(1.0, _largest(case, "upstream")))


def depth(case: Case) -> float:
    """Return a number below which no product of some factors other than 0 falls.

    The factors are weights, class probabilities, ε/C and 1 − ε, the upstream gradient,
    a difference of input and target, and one over the sum of weights or the number of
    terms. What falls below the smallest number of a format may be 0 there, and 0 · inf
    is nan.
    """
    with np.errstate(all="ignore"):
        made = 1.0 / max(_terms(case), 1)
        classified = case.loss == "cross_entropy"
        for name in ("weight", "upstream", *(["target"] if classified else [])):
            made *= _smallest(_finite(case, name))
        if not classified:
            x, y = (case.arguments[name].view() for name in ("input", "target"))
            made *= _smallest(x.astype(np.float64) - y.astype(np.float64))
        made /= max(1.0, _largest(case, "weight"))
        smoothing = float(case.options.get("label_smoothing", 0.0))
        for factor in (smoothing, 1 - smoothing):
            made *= factor if factor > 0 else 1.0
        return made


def faintest(case: Case) -> float:
    """Return the smallest −log p of a class that is not alone in its row, at most 1.

    Where it is near the unit roundoff, a machine may take it for 0.
    """
    rows = class_axis_last(case.arguments["input"].view().astype(np.float64))
    with np.errstate(all="ignore"):
        ordered = np.sort(np.where(np.isfinite(rows), rows, -np.inf), axis=1)[:, ::-1]
        others = np.exp(ordered[:, 1:] - ordered[:, :1])
        several = np.isfinite(ordered[:, 1:]).any(axis=1)
        return float(np.min(np.log1p(others.sum(axis=1))[several], initial=1.0))


def _smallest(values: NDArray[np.float64]) -> float:
    size = np.abs(values)
    return float(np.min(size[size > 0], initial=1.0))


def _terms(case: Case) -> int:
    shapes = {case.arguments["input"].shape}
    if case.loss != "cross_entropy":
        shapes.add(case.arguments["target"].shape)
    # At most: the shapes of an invalid case need not broadcast.
    return math.prod(math.prod(shape) for shape in shapes)


def _finite(case: Case, name: str) -> NDArray[np.float64]:
    array = case.upstream if name == "upstream" else case.arguments.get(name)
    if array is None or array.base.dtype.kind in "iub":
        return np.zeros(0)
    values = np.abs(array.view().astype(np.float64)).ravel()
    return values[np.isfinite(values)]


def _largest(case: Case, name: str) -> float:
    return float(np.max(_finite(case, name), initial=0.0))
