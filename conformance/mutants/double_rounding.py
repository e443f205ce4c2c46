"""A result is rounded to float16 before it is rounded to the storage format.

A relative of Liger's gradient, finished from a number that was rounded already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _twice(values: Real, formats: Formats) -> NDArray[Any]:
    return values.astype(np.float16).astype(formats.storage)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("double_rounding", store=_twice)
