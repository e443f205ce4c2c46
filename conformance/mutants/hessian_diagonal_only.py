"""The second derivative is diagonal: a class's own curvature p (1 − p), no coupling.

The Gauss–Newton preconditioners of boosting libraries use that diagonal on purpose; as
a Hessian it is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def _diagonal(
    parts: Parts, p: Real, mass: Real, tangent: Real, formats: Formats
) -> Real:
    del parts, formats  # The fault: p_j Σ p v is left out.
    return p * (1 - p) * tangent * mass


def create() -> Backend:
    """Return the mutant."""
    return with_parts("hessian_diagonal_only", logit_curvature=_diagonal)
