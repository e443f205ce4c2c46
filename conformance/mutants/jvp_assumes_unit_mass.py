"""Forward mode takes the target's weights to sum to 1: Σ p v − Σ e v.

A fault of our own, of the kind that reverse mode has in fused kernels (p − e for
a p − e): forward mode is written anew by hand, and tests of it use one-hot targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Parts


def _slope(parts: Parts, p: Real, mass: Mass, tangent: Real, formats: Formats) -> Real:
    mean = parts.total(p * tangent, formats)
    own = np.where(mass.present, mass.effective * tangent, 0 * tangent)
    return mean - parts.total(own, formats)  # The fault: the mean without Σ e.


def create() -> Backend:
    """Return the mutant."""
    return with_parts("jvp_assumes_unit_mass", row_slope=_slope)
