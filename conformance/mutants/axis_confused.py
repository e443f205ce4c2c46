"""Softmax runs over the first axis, or over the one before the last.

Seen in mlx #2641 and FlagGems #4995 for others; sizes that are equal hide it from
checks of shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend


VARIANTS: Final = {
    "first": lambda dimensions: 0,  # noqa: ARG005
    "before_last": lambda dimensions: max(dimensions - 2, 0),
}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(f"axis_confused_{variant}", softmax_axis=VARIANTS[variant])
