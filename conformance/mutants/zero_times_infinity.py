"""Zero times an infinite loss is zero.

Asked for in optax #896, which has a `safe_` variant for it; torch's product is nan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.backends._cross_entropy import row_losses
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Parts


def _row_losses(parts: Parts, log_p: Real, mass: Mass, formats: Formats) -> Real:
    present = mass.present & (mass.effective != 0)
    return row_losses(parts, log_p, replace(mass, present=present), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("zero_times_infinity", row_losses=_row_losses)
