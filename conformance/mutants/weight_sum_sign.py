"""The weights that `mean` divides by lose their sign, or count only if positive.

Seen in pytorch #31295, where CPU and GPU differed for negative weights.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import weight_sum
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Mask, Parts


def _absolute(weights: Real) -> Real:
    return np.abs(weights)


def _positive(weights: Real) -> Real:
    return np.maximum(weights, 0)


VARIANTS: Final = {"absolute": _absolute, "positive": _positive}


def _weight_sum(
    parts: Parts,
    row_weights: Real,
    kept: Mask,
    formats: Formats,
    change: Callable[[Real], Real],
) -> Real:
    return weight_sum(parts, change(row_weights), kept, formats)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"weight_sum_sign_{variant}",
        weight_sum=partial(_weight_sum, change=VARIANTS[variant]),
    )
