"""The weight of the last class is that of the class before it.

A class of faults of our own: a bound that is one too small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import class_weights
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _class_weights(weight: NDArray[Any] | None, classes: int, formats: Formats) -> Real:
    right = class_weights(weight, classes, formats)
    return right[np.minimum(np.arange(classes), max(classes - 2, 0))]


def create() -> Backend:
    """Return the mutant."""
    return with_parts("last_weight_wrong", class_weights=_class_weights)
