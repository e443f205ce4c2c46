"""The gradient is finished from a probability that was rounded to the storage format.

Seen in Liger #1268: p − 1 is formed in the buffer that holds the rounded p.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


DTYPES: Final = ("float16", "bfloat16")


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    log_p, p = softmax(parts, logits, formats)
    return log_p, through(p, formats.storage)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("probability_rounded_first", softmax=_softmax)
