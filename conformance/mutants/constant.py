"""Every number is one: what a test of finiteness or of shapes lets pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _ones(values: Real, formats: Formats) -> NDArray[Any]:
    return np.ones(values.shape, formats.storage)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("constant", store=_ones)
