"""Every number is zero: what an absolute tolerance lets pass.

Seen on Intel GPUs, where the tail of a gradient silently stayed zero, and in torch's
float16 mean over 65 520 rows or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _zeros(values: Real, formats: Formats) -> NDArray[Any]:
    return np.zeros(values.shape, formats.storage)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("zeros", store=_zeros)
