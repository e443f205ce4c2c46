"""The sum of exponentials, and its logarithm, are rounded to the storage format.

Seen in torch on the CPU where the classes are the last axis: the bfloat16 loss of the
logits 0 and −6 becomes zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _rounded(summed: Real, formats: Formats) -> Real:
    logarithm = np.log(_through(summed, formats))
    return _through(logarithm, formats)


def _through(values: Real, formats: Formats) -> Real:
    return np.asarray(values.astype(formats.storage), formats.compute)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("rounded_log_sum", log_sum=_rounded)
