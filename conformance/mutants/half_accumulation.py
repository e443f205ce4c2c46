"""Sums are kept in the storage format, one addition after the other.

Seen in PyTorch's nll_loss in half formats, and in Liger's chunked gradients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _sequential(values: Real, formats: Formats) -> Real:
    if values.shape[-1] == 0:
        return np.zeros(values.shape[:-1], formats.compute)
    rounded = values.astype(formats.storage)
    # `accumulate` rounds after every addition; `sum` would not.
    sums = np.add.accumulate(rounded, axis=-1, dtype=formats.storage)
    return np.asarray(sums[..., -1], formats.compute)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("half_accumulation", total=_sequential)
