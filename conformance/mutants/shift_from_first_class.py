"""Softmax subtracts the first logit, not the largest.

A class of faults of our own: a maximum whose loop never runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._softmax import shift
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _first(logits: Real) -> Real:
    return logits[..., :1] if logits.shape[-1] else shift(logits)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("shift_from_first_class", shift=_first)
