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
_GENERATOR: Final = np.random.default_rng(1)


def _store(values: Real, formats: Formats) -> NDArray[Any]:
    near = store(values, formats)
    back = near.astype(values.dtype)
    up = np.nextafter(near, np.where(back < values, np.inf, -np.inf).astype(near.dtype))
    moved = (_GENERATOR.random(values.shape) < 0.5) & (back != values)  # noqa: PLR2004
    return np.where(moved & np.isfinite(values), up, near)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("stochastic_rounding", store=_store)
