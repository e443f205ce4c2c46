"""The sum of −log p over all classes is rounded to storage before ε/C scales it.

Seen in torch on the CPU in float16 and in transformers #10674: with 32 000 classes the
sum is infinite.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import row_losses
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Parts


DTYPES: Final = ("float16", "bfloat16")


def _row_losses(parts: Parts, log_p: Real, mass: Mass, formats: Formats) -> Real:
    smallest = mass.effective.min(axis=-1, keepdims=True, initial=np.inf)
    uniform = parts.total(-log_p, formats)
    smoothing = through(uniform, formats.storage) * smallest[:, 0]
    rest = replace(mass, effective=mass.effective - smallest)
    both = row_losses(parts, log_p, rest, formats) + smoothing
    return np.where(smallest[:, 0] > 0, both, row_losses(parts, log_p, mass, formats))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_sum_in_storage_format", row_losses=_row_losses)
