"""The gradient of a row is p − e, right only if e adds up to 1.

Seen in TensorFlow and Chainer with class probabilities that do not add up to 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _unit(p: Real, mass: Real, effective: Real) -> Real:
    del mass  # The fault.
    return p - effective


def create() -> Backend:
    """Return the mutant."""
    return with_parts("assumes_unit_mass", logit_gradient=_unit)
