"""Softmax runs over the last axis, whichever axis holds the classes.

Seen in mlx, FlagGems and backends of Keras; no error is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend


def _last(dimensions: int) -> int:
    return dimensions - 1


def create() -> Backend:
    """Return the mutant."""
    return with_parts("wrong_axis", softmax_axis=_last)
