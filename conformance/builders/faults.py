"""Ways to make a draft invalid; a loss must refuse each."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.options import DEFAULT_IGNORE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.builders.choices import Choices
    from conformance.builders.drafts import Draft

    Fault = Callable[[Choices, Draft], Draft]

SMOOTHING: Final = (-0.5, 1.5, math.nan)
"""Amounts of smoothing outside [0, 1]."""

UNKNOWN_REDUCTION: Final = "average"


def unknown_reduction(_choices: Choices, draft: Draft) -> Draft:
    """Return the draft with a reduction that does not exist."""
    return replace(draft.with_option("reduction", UNKNOWN_REDUCTION), upstream=None)


def integer_input(choices: Choices, draft: Draft) -> Draft:
    """Return the draft with its input in an integer dtype."""
    shape = draft.arguments["input"].shape
    return draft.with_argument("input", _integers(choices, shape))


def integer_arguments(choices: Choices, draft: Draft) -> Draft:
    """Return the draft with input and target in an integer dtype."""
    shape = draft.arguments["target"].shape
    changed = integer_input(choices, draft)
    return changed.with_argument("target", _integers(choices, shape))


def unpaired_shape(_choices: Choices, draft: Draft) -> Draft:
    """Return the draft with a target that does not broadcast to the input."""
    target = draft.arguments["target"]
    given = np.ones(2, draft.arguments["input"].dtype)
    return replace(
        draft.with_argument("input", given).with_argument(
            "target", np.ones(3, target.dtype)
        ),
        upstream=None,
    )


def longer_target(_choices: Choices, draft: Draft) -> Draft:
    """Return the draft with a target of one row too many, or of two for no batch."""
    target = draft.arguments["target"]
    if target.ndim == 0:
        return draft.with_argument("target", np.stack([target, target]))
    row = np.zeros((1, *target.shape[1:]), target.dtype)
    return draft.with_argument("target", np.concatenate([target, row]))


def target_out_of_range(choices: Choices, draft: Draft) -> Draft:
    """Return the draft with a class index that is no class and not ignored."""
    target = draft.arguments["target"]
    if target.dtype.kind != "i":
        return ignored_probabilities(choices, draft)
    if not target.size:
        return unknown_reduction(choices, draft)
    classes = _classes(draft)
    ignored = draft.options.get("ignore_index", DEFAULT_IGNORE)
    wrong = (classes, classes + 1, -1, -2, -101, 2**31, 2**32, -(2**63))
    value = choices.choice([v for v in wrong if v != ignored])
    changed = target.copy()
    changed.reshape(-1)[choices.integer(0, target.size - 1)] = value
    return draft.with_argument("target", changed)


def ignored_probabilities(choices: Choices, draft: Draft) -> Draft:
    """Return the draft, of class probabilities, with a class to ignore."""
    return draft.with_option("ignore_index", choices.choice((0, 1, 255)))


def smoothing_out_of_range(choices: Choices, draft: Draft) -> Draft:
    """Return the draft with an amount of smoothing outside [0, 1]."""
    return draft.with_option("label_smoothing", choices.choice(SMOOTHING))


def wrong_weight_length(choices: Choices, draft: Draft) -> Draft:
    """Return the draft with one class weight too many, or too few."""
    length = _classes(draft) + choices.choice((1, -1))
    dtype = draft.arguments["input"].dtype
    return draft.with_argument("weight", np.ones(length, dtype))


def _classes(draft: Draft) -> int:
    shape = draft.arguments["input"].shape
    return int(shape[min(1, len(shape) - 1)])


def _integers(choices: Choices, shape: tuple[int, ...]) -> NDArray[Any]:
    return np.full(shape, choices.choice((1, 0, 2)), dtype=np.int64)


REGRESSION: Final[tuple[Fault, ...]] = (
    unpaired_shape,
    unknown_reduction,
    integer_arguments,
)
CLASSIFICATION: Final[tuple[Fault, ...]] = (
    *(target_out_of_range,) * 3,
    smoothing_out_of_range,
    longer_target,
    wrong_weight_length,
    unknown_reduction,
    integer_input,
)
