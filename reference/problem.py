"""A question to the oracle: a loss, its exact arguments, its options; checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import numpy as np

from reference.numbers import Numbers, ProblemError, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Reduction = Literal["none", "mean", "sum"]
REDUCTIONS: Final = ("none", "mean", "sum")
LOSSES: Final = ("mae", "mse", "cross_entropy")
IGNORE_INDEX: Final = -100
"""torch's default."""

TargetKind = Literal["index", "probability"]

_Place = TypeVar("_Place", int, np.ndarray[Any, np.dtype[np.intp]])


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked question; `reference.oracle.evaluate` answers it.

    Attributes:
        loss: One of `LOSSES`.
        input: Predictions or logits.
        target: Targets; for cross-entropy see `target_kind`.
        reduction: `none`, `mean` or `sum`.
        upstream: The cotangent, of the shape of the value; None means ones.
        weight: `(C,)`, one factor for each class; None means ones.
        ignore_index: Class index that contributes nothing and is not counted.
        label_smoothing: In [0, 1], the exact value of what was given.
        target_kind: Does `target` hold class indices or class probabilities?
        tangent: A direction v, of the shape of `input`; None asks for no derivative
            along one.
    """

    loss: str
    input: Numbers
    target: Numbers
    reduction: Reduction
    upstream: Numbers | None
    weight: Numbers | None = None
    ignore_index: int = IGNORE_INDEX
    label_smoothing: Fraction = Fraction(0)
    target_kind: TargetKind = "index"
    tangent: Numbers | None = None

    @property
    def classes(self) -> int:
        """C, the size of the class axis of `input`."""
        shape = self.input.shape
        return shape[0] if len(shape) == 1 else shape[1]

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of `input` without its class axis."""
        shape = self.input.shape
        return () if len(shape) == 1 else (shape[0], *shape[2:])

    def place(self, position: _Place) -> tuple[_Place, _Place]:
        """Return row and class of a row-major position of `input`, or of many.

        Rows are counted as in `class_axis_last`.
        """
        inner = math.prod(self.input.shape[2:])
        outer, rest = divmod(position, self.classes * inner)
        c, n = divmod(rest, inner)
        return outer * inner + n, c

    def position(self, n: _Place, c: _Place) -> _Place:
        """Return the row-major position of class c of row n; see `place`."""
        inner = math.prod(self.input.shape[2:])
        outer, n = divmod(n, inner)
        position: _Place = (outer * self.classes + c) * inner + n
        return position

    @property
    def term_shape(self) -> tuple[int, ...]:
        """The shape of the unreduced loss."""
        if self.loss == "cross_entropy":
            return self.row_shape
        return tuple(np.broadcast_shapes(self.input.shape, self.target.shape))

    @property
    def value_shape(self) -> tuple[int, ...]:
        """The shape of the loss."""
        return self.term_shape if self.reduction == "none" else ()


def regression_problem(
    loss: str,
    input: object,
    target: object,
    *,
    reduction: str,
    upstream: object,
    tangent: object = None,
) -> Problem:
    """Return the checked question for MAE or MSE.

    Raises:
        ProblemError: If an argument is not what the loss accepts.
    """
    x, y = Numbers.read("input", input), Numbers.read("target", target)
    for name, numbers in (("input", x), ("target", y)):
        _refuse_integers(name, numbers)
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        needed = f"broadcast with input of shape {x.shape}"
        raise refuse("target", needed, f"shape {y.shape}") from None
    problem = Problem(loss, x, y, _reduction(reduction), None)
    return _with_tangent(_with_upstream(problem, upstream), tangent)


def cross_entropy_problem(
    input: object,
    target: object,
    *,
    weight: object,
    ignore_index: object,
    reduction: str,
    label_smoothing: object,
    upstream: object,
    target_kind: str | None = None,
    tangent: object = None,
) -> Problem:
    """Return the checked question for cross-entropy.

    Raises:
        ProblemError: If an argument is not what the loss accepts.
    """
    x, y = Numbers.read("input", input), Numbers.read("target", target)
    _refuse_integers("input", x)
    if not x.shape:
        raise refuse("input", "have shape (C,), (N, C) or (N, C, d1, …)", "a scalar")
    problem = Problem(
        "cross_entropy",
        x,
        y,
        _reduction(reduction),
        None,
        _weight(weight),
        _ignore_index(ignore_index),
        _smoothing(label_smoothing),
        _target_kind(target_kind, y),
    )
    _check_target(problem)
    _check_weight(problem)
    return _with_tangent(_with_upstream(problem, upstream), tangent)


def class_axis_last(array: NDArray[Any]) -> NDArray[Any]:
    """Return `(N, C, d1, …)` as `(N · d1 · …, C)`, and `(C,)` as `(1, C)`."""
    if array.ndim == 1:
        return array.reshape(1, -1)
    moved = np.moveaxis(array, 1, -1)
    return moved.reshape(math.prod(moved.shape[:-1]), moved.shape[-1])


def class_axis_back(rows: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """Return what `class_axis_last` flattened in its own `shape` again."""
    if len(shape) == 1:
        return rows.reshape(tuple(shape))
    return np.moveaxis(rows.reshape((shape[0], *shape[2:], shape[1])), -1, 1)


def _reduction(given: str) -> Reduction:
    if given not in REDUCTIONS:
        raise refuse("reduction", "be 'none', 'mean' or 'sum'", repr(given))
    return given  # type: ignore[return-value]  # membership was just tested


def _refuse_integers(name: str, numbers: Numbers) -> None:
    if numbers.integer_dtype:
        needed = "be of a floating-point dtype"
        raise refuse(name, needed, "an array of an integer dtype; convert it first")


def _weight(given: object) -> Numbers | None:
    if given is None:
        return None
    weight = Numbers.read("weight", given)
    _refuse_integers("weight", weight)
    return weight


def _check_weight(problem: Problem) -> None:
    c = problem.classes
    if problem.weight is not None and problem.weight.shape != (c,):
        needed = f"have shape ({c},), one number for each class"
        raise refuse("weight", needed, f"shape {problem.weight.shape}")


def _ignore_index(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)):
        raise refuse("ignore_index", "be an integer", repr(given))
    return int(given)


def _smoothing(given: object) -> Fraction:
    numbers = Numbers.read("label_smoothing", given)
    value = numbers.values.item() if not numbers.shape else None
    if not isinstance(value, Fraction) or not 0 <= value <= 1:
        raise refuse("label_smoothing", "be a number in [0, 1]", repr(given))
    return value


def _target_kind(given: str | None, target: Numbers) -> TargetKind:
    if given not in (None, "index", "probability"):
        raise refuse("target_kind", "be 'index' or 'probability'", repr(given))
    if given is None:
        return "index" if target.integral else "probability"
    if given == "probability" and target.integer_dtype:
        raise refuse("target", "be of a floating-point dtype", "an integer dtype")
    return "index" if given == "index" else "probability"


def _check_target(problem: Problem) -> None:
    y, kind = problem.target, problem.target_kind
    needed_shape = problem.row_shape if kind == "index" else problem.input.shape
    if y.shape != needed_shape:
        meaning = "class indices" if kind == "index" else "class probabilities"
        needed = f"have shape {needed_shape} to hold {meaning}"
        raise refuse("target", needed, f"shape {y.shape}")
    if kind == "probability":
        if problem.ignore_index >= 0:
            needed = "be negative when target holds class probabilities"
            raise refuse("ignore_index", needed, problem.ignore_index)
        return
    if y.integer_dtype:
        _check_many(y.given, problem)
        return
    for value in y.values.ravel():
        _check_index(value, problem)


def _check_many(given: NDArray[Any], problem: Problem) -> None:
    """Check an integer array at once; the first wrong index makes the message."""
    inside = (given >= 0) & (given < problem.classes)
    wrong = ~(inside | (given == problem.ignore_index))
    if wrong.any():
        _check_index(Fraction(int(given[wrong].flat[0])), problem)


def _check_index(value: object, problem: Problem) -> None:
    c = problem.classes
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise refuse("target", "hold integers to be class indices", repr(value))
    if value != problem.ignore_index and not 0 <= value < c:
        needed = f"hold indices in [0, {c}) or ignore_index={problem.ignore_index}"
        raise refuse("target", needed, int(value))


def _with_upstream(problem: Problem, given: object) -> Problem:
    if given is None:
        return problem
    upstream = Numbers.read("upstream", given)
    if upstream.shape != problem.value_shape:
        needed = f"have the shape of the value, {problem.value_shape}"
        raise refuse("upstream", needed, f"shape {upstream.shape}")
    return replace(problem, upstream=upstream)


def _with_tangent(problem: Problem, given: object) -> Problem:
    if given is None:
        return problem
    tangent = Numbers.read("tangent", given)
    if tangent.shape != problem.input.shape:
        needed = f"have the shape of input, {problem.input.shape}"
        raise refuse("tangent", needed, f"shape {tangent.shape}")
    return replace(problem, tangent=tangent)


__all__ = [
    "IGNORE_INDEX",
    "LOSSES",
    "REDUCTIONS",
    "Problem",
    "ProblemError",
    "Reduction",
    "TargetKind",
    "class_axis_back",
    "class_axis_last",
    "cross_entropy_problem",
    "regression_problem",
]
