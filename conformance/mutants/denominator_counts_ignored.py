"""`mean` divides by a sum that ignored rows are part of.

Seen in pytorch/xla, Paddle (several times), Transformer Engine, torch-mlir and
ChainerX.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Mask, Parts


def _all_rows(parts: Parts, row_weights: Real, kept: Mask, formats: Formats) -> Real:
    del kept  # The fault.
    return parts.total(row_weights, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("denominator_counts_ignored", weight_sum=_all_rows)
