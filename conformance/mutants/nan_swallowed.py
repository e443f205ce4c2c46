"""What is not a number becomes zero.

Seen in MPS and Keras, whose division of nothing by nothing gives zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backends._arithmetic import store
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _cleaned(values: Real, formats: Formats) -> NDArray[Any]:
    return store(np.where(np.isnan(values), np.zeros_like(values), values), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("nan_swallowed", store=_cleaned)
