"""Softmax runs over the first axis, the one before the last, or the last of six.

Seen in mlx #2641 and FlagGems #4995 for others; sizes that are equal hide it from
checks of shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.backends._softmax import class_axis
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend

_SIX: Final = 6
VARIANTS: Final = {
    "first": lambda dimensions: 0,  # noqa: ARG005
    "before_last": lambda dimensions: max(dimensions - 2, 0),
    "last_of_six": lambda dimensions: (
        5 if dimensions == _SIX else class_axis(dimensions)
    ),
}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(f"axis_confused_{variant}", softmax_axis=VARIANTS[variant])
