"""The gradient of a row is p·a: the −e of the target is missing.

Seen in Megatron where no shard holds the target, and in torch's bfloat16 on the CPU,
where p and 1 round to the same number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _softmax_only(p: Real, mass: Real, effective: Real) -> Real:
    del effective  # The fault.
    return p * mass


def create() -> Backend:
    """Return the mutant."""
    return with_parts("target_term_lost", logit_gradient=_softmax_only)
