"""A draft: what a case will hold, before memory layouts are chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from conformance.builders import options, reals, shapes, targets
from conformance.builders.specials import sprinkle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.builders.choices import Choices
    from conformance.builders.grid import Grid
    from conformance.builders.shapes import ClassShape


@dataclass(frozen=True)
class Draft:
    """The values of a case.

    Attributes:
        arguments: As in a case, in row-major order.
        options: As in a case.
        upstream: As in a case.
        tangent: As in a case.
    """

    arguments: Mapping[str, NDArray[Any]]
    options: Mapping[str, Any] = field(default_factory=dict)
    upstream: NDArray[Any] | None = None
    tangent: NDArray[Any] | None = None

    def with_argument(self, name: str, values: NDArray[Any]) -> Self:
        """Return the draft with another value of one argument."""
        return replace(self, arguments={**self.arguments, name: values})

    def with_option(self, name: str, value: object) -> Self:
        """Return the draft with another value of one option."""
        return replace(self, options={**self.options, name: value})


def regression(choices: Choices, grid: Grid) -> Draft:
    """Return two arrays of reals that broadcast to one another."""
    left, right = shapes.regression(choices)
    large = int(np.prod(left)) > reals.SMALL
    reduction = options.reduction(choices)
    value = np.broadcast_shapes(left, right) if reduction == "none" else ()
    upstream = options.upstream(choices, grid, value)
    alike = left == right and not large and choices.chance(1, 2)
    # The values come last: there the search begins to climb.
    given = _reals(choices, grid, left, exact=large)
    if alike:
        target = targets.companion(choices, grid, given)
    else:
        target = _reals(choices, grid, right, exact=large)
    return Draft(
        {"input": given, "target": target}, _given(reduction=reduction), upstream
    )


def _reals(
    choices: Choices, grid: Grid, shape: tuple[int, ...], *, exact: bool
) -> NDArray[Any]:
    size = int(np.prod(shape))
    source = reals.draw_integers if exact else reals.draw
    special = choices.chance(1, 20)
    values = source(choices, grid, 1, size)
    return (sprinkle(choices, values) if special else values).reshape(shape)


def classification(choices: Choices, grid: Grid) -> Draft:
    """Return rows of logits, and what says which class each row is of."""
    shape = shapes.classification(choices)
    weight = options.weight(choices, grid, shape.classes)
    target, ignored = _target(choices, grid, shape)
    reduction = options.reduction(choices)
    smoothing = options.label_smoothing(choices)
    value = shape.target if reduction == "none" else ()
    upstream = options.upstream(choices, grid, value)
    special = choices.chance(1, 9)
    # The values come last: there the search begins to climb.
    logits = reals.draw(choices, grid, shape.rows, shape.classes)
    logits = sprinkle(choices, logits) if special else logits
    if target.dtype == logits.dtype and choices.chance(1, 4):
        target = _matched(choices, grid, logits, target, shape)
    arguments = {"input": _class_axis_second(logits, shape), "target": target}
    if weight is not None:
        arguments["weight"] = weight
    given = _given(reduction=reduction, ignore_index=ignored, label_smoothing=smoothing)
    return Draft(arguments, given, upstream)


def _matched(
    choices: Choices,
    grid: Grid,
    logits: NDArray[Any],
    target: NDArray[Any],
    shape: ClassShape,
) -> NDArray[Any]:
    """Return class probabilities that fit the logits: their softmax, or 0 at −∞."""
    if logits.size <= reals.SMALL and np.isfinite(logits).all():
        return _class_axis_second(targets.near_softmax(grid, logits), shape)
    if not choices.chance(1, 2):
        return target
    masked = np.isneginf(_class_axis_second(logits, shape))
    return np.where(masked, np.zeros((), target.dtype), target)


def _target(
    choices: Choices, grid: Grid, shape: ClassShape
) -> tuple[NDArray[Any], int | None]:
    """Return class probabilities or class indices, and the ignored index if given."""
    if choices.chance(1, 3):
        likely = targets.probabilities(choices, grid, shape.rows, shape.classes)
        # No class is ignored here; a negative index is allowed and means nothing.
        meaningless = -1 if choices.chance(1, 8) else None
        return _class_axis_second(likely, shape), meaningless
    ignored = options.ignore_index(choices, shape.classes)
    marker = options.DEFAULT_IGNORE if ignored is None else ignored
    length = math.prod(shape.spatial)
    labels = targets.indices(choices, shape.rows, shape.classes, marker, length)
    return labels.reshape(shape.target), ignored


def _given(**named: object) -> dict[str, object]:
    return {name: value for name, value in named.items() if value is not None}


def _class_axis_second(rows: NDArray[Any], shape: ClassShape) -> NDArray[Any]:
    """Return rows of classes, `(R, C)`, in the shape of the input."""
    table = rows.reshape(*shape.target, shape.classes)
    return table if shape.batch is None else np.moveaxis(table, -1, 1)
