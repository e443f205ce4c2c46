"""The sum of exponentials is counted once for each of two shards.

Seen in Megatron #7452, where gathered logits went through a parallel loss: each row
gains log 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _log_sum(summed: Real, formats: Formats) -> Real:
    del formats
    return np.log(2 * summed)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("log_sum_of_shards", log_sum=_log_sum)
