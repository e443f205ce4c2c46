"""Results are truncated to the storage format, not rounded to nearest.

A class of faults of our own: the upper half of a float32 is a bfloat16.
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


def _store(values: Real, formats: Formats) -> NDArray[Any]:
    near = store(values, formats)
    toward = np.nextafter(near, np.zeros_like(near))
    return np.where(np.abs(near.astype(values.dtype)) > np.abs(values), toward, near)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("truncated", store=_store)
