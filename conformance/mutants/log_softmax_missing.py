"""The logits are taken for log-probabilities.

Seen in a tutorial of flax, #2051, and in burn #4829.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    _, p = softmax(parts, logits, formats)
    return logits, p


def create() -> Backend:
    """Return the mutant."""
    return with_parts("log_softmax_missing", softmax=_softmax)
