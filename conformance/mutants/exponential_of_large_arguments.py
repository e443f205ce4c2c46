"""The exponential is off by 2^-12 for arguments below −16 only.

A class of faults of our own: a range reduction that lacks its second term is right
wherever tests usually look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts
from conformance.mutants._numbers import softmax_of

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _exponential(values: Real) -> Real:
    wrong = np.exp(values) * np.asarray(1 + 2.0**-12, values.dtype)
    return np.where(values < -16, wrong, np.exp(values))  # noqa: PLR2004 - the fault


def create() -> Backend:
    """Return the mutant."""
    return with_parts(
        "exponential_of_large_arguments", softmax=softmax_of(exponential=_exponential)
    )
