"""`ignore_index` has no effect: an ignored row counts, as if its class were 0.

Seen in Megatron, where a target outside every shard leaves the full softmax, and in MPS
and Paddle with their default ignore value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._parts import Indices, Mask


def _none_ignored(target: Indices, ignore_index: int) -> Mask:
    del ignore_index  # The fault.
    return np.ones_like(target, dtype=np.bool_)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("ignored_rows_counted", kept_rows=_none_ignored)
