"""A row is ignored if the absolute value of its target is that of `ignore_index`.

A class of faults of our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._parts import Indices, Mask


def _kept(target: Indices, ignore_index: int) -> Mask:
    return np.asarray(np.abs(target) != abs(ignore_index))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("ignored_by_absolute_value", kept_rows=_kept)
