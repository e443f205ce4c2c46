"""The softmax of a softmax: probabilities are taken for logits.

The commonest mistake with losses that take logits; keras #17634 is about its inverse.
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
    return softmax(parts, softmax(parts, logits, formats)[1], formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("softmax_applied_twice", softmax=_softmax)
