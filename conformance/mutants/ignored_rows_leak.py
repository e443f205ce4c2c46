"""An ignored row is multiplied by zero rather than left out: 0 · ∞ leaks from it.

Seen in torch's chunked linear_cross_entropy and in its reference of nll_loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real
    from conformance.backends._parts import Mask


def _multiplied(values: Real, kept: Mask) -> Real:
    mask = kept.reshape(kept.shape + (1,) * (values.ndim - 1))
    return values * mask.astype(values.dtype)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("ignored_rows_leak", mask_rows=_multiplied)
