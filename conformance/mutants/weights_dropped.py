"""Class weights have no effect.

Paddle once handled them wrongly; an argument that is taken and not passed on is a
common fault of wrappers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _ones(weight: NDArray[Any] | None, classes: int, formats: Formats) -> Real:
    del weight  # The fault.
    return np.ones(classes, formats.compute)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("weights_dropped", class_weights=_ones)
