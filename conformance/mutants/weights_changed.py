"""Class weights are squared, made positive, made to average 1, or rounded to float16.

Weights that are applied twice are the commonest of these; burn and mlx restrict or
reshape them. Seen in Paddle #24352, the rest of our own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import class_weights
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _squared(weights: Real) -> Real:
    return weights * weights


def _positive(weights: Real) -> Real:
    return np.abs(weights)


def _normalised(weights: Real) -> Real:
    return np.asarray(weights * (weights.size / weights.sum()))


def _half(weights: Real) -> Real:
    return through(weights, np.float16)


VARIANTS: Final = {
    "squared": _squared,
    "positive": _positive,
    "normalised": _normalised,
    "half": _half,
}


def _class_weights(
    weight: NDArray[Any] | None,
    classes: int,
    formats: Formats,
    change: Callable[[Real], Real],
) -> Real:
    right = class_weights(weight, classes, formats)
    return right if weight is None else change(right)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"weights_changed_{variant}",
        class_weights=partial(_class_weights, change=VARIANTS[variant]),
    )
