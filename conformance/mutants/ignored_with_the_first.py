"""All rows are ignored if the first one is, and none otherwise.

A class of faults of our own: a mask that is broadcast from its first element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import kept_rows
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._parts import Indices, Mask


def _kept(target: Indices, ignore_index: int) -> Mask:
    kept = kept_rows(target, ignore_index)
    return np.full_like(kept, kept[0]) if kept.size else kept


def create() -> Backend:
    """Return the mutant."""
    return with_parts("ignored_with_the_first", kept_rows=_kept)
