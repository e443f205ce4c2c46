"""The second derivative is 0 everywhere, without an error.

Seen in TensorFlow, whose fused cross-entropy had a gradient that was a constant to the
next differentiation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def _flat(parts: Parts, p: Real, mass: Real, tangent: Real, formats: Formats) -> Real:
    del parts, p, mass, formats  # The fault.
    return np.zeros_like(tangent)


def create() -> Backend:
    """Return the mutant."""
    none = dict.fromkeys(("mae", "mse"), np.zeros_like)
    return with_parts("hessian_zero", logit_curvature=_flat, curvatures=none)
