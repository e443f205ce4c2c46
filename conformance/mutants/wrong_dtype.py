"""Results are float32, whatever the dtype of the arguments.

Seen under torch's autocast, where it is meant; a forgotten last cast does the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _single(values: Real, formats: Formats) -> NDArray[Any]:
    del formats  # The fault.
    return values.astype(np.float32)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("wrong_dtype", store=_single)
