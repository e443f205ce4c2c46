"""From 8 classes on, the largest logit is not subtracted: only the tail loop does.

Seen in pytorch #62897, the bfloat16 softmax on the CPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.backends._softmax import shift
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


_LANES: Final = 8


def _shift(logits: Real) -> Real:
    return shift(logits) if logits.shape[-1] < _LANES else 0 * logits[..., :1]


def create() -> Backend:
    """Return the mutant."""
    return with_parts("no_shift_in_vector_body", shift=_shift)
