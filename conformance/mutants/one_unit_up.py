"""Each result is one unit in the last place above the right one.

A class of faults of our own: a rounding constant added once too often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._arithmetic import store
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _store(values: Real, formats: Formats) -> NDArray[Any]:
    near = store(values, formats)
    up = np.nextafter(near, np.full_like(near, np.inf))
    return np.where(near != 0, up, near)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("one_unit_up", store=_store)
