"""Class 0 is ignored as well, as if it were padding.

Seen in apex, whose `padding_idx` is 0 by default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._parts import Indices, Mask


def _kept(target: Indices, ignore_index: int) -> Mask:
    return np.asarray((target != ignore_index) & (target != 0))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("class_zero_ignored", kept_rows=_kept)
