"""Results are rounded up or down at random.

A class of faults of our own: a rounding that is made for training, not for a loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import store
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


DTYPES: Final = ("float16", "bfloat16")


def create() -> Backend:
    """Return the mutant."""
    # Of its own, so that a new mutant does the same whatever ran before it.
    generator = np.random.default_rng(1)

    def stored(values: Real, formats: Formats) -> NDArray[Any]:
        near = store(values, formats)
        back = near.astype(values.dtype)
        toward = np.where(back < values, np.inf, -np.inf).astype(near.dtype)
        chosen = generator.integers(2, size=values.shape) == 1
        moved = chosen & (back != values) & np.isfinite(values)
        return np.where(moved, np.nextafter(near, toward), near)

    return with_parts("stochastic_rounding", store=stored)
