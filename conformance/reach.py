"""How large and how small the numbers inside a computation can become."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

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

    The factors are weights, class probabilities, ε/C and 1 − ε, the upstream gradient
    and one over the sum of weights or the number of terms. What falls below the
    smallest number of a format may be 0 there, and 0 · inf is nan.
    """
    with np.errstate(all="ignore"):
        made = 1.0 / max(_terms(case), 1)
        for name in ("weight", "target", "upstream"):
            values = _finite(case, name)
            if name == "target" and case.loss != "cross_entropy":
                continue
            made *= float(np.min(values[values != 0], initial=1.0))
        made /= max(1.0, _largest(case, "weight"))
        smoothing = float(case.options.get("label_smoothing", 0.0))
        for factor in (smoothing, 1 - smoothing):
            made *= factor if factor > 0 else 1.0
        return made


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
