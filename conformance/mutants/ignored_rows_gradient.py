"""An ignored row still receives a gradient, though it does not count in the value.

Seen in Paddle, whose gradient of such a row was the softmax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._cross_entropy import mask_rows
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real
    from conformance.backends._parts import Mask


def _value_only(values: Real, kept: Mask) -> Real:
    return mask_rows(values, kept) if values.ndim == 1 else values


def create() -> Backend:
    """Return the mutant."""
    return with_parts("ignored_rows_gradient", mask_rows=_value_only)
