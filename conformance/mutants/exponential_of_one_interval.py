"""The exponential is off by 2^-8 for arguments between −3 and −2.75 only.

A class of faults of our own: one bad entry in a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import with_parts
from conformance.mutants._numbers import softmax_of

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


_LOW: Final = -3.0
_HIGH: Final = -2.75


def _exponential(values: Real) -> Real:
    inside = (values >= _LOW) & (values < _HIGH)
    wrong = np.exp(values) * np.asarray(1 + 2.0**-8, values.dtype)
    return np.where(inside, wrong, np.exp(values))


def create() -> Backend:
    """Return the mutant."""
    return with_parts(
        "exponential_of_one_interval", softmax=softmax_of(exponential=_exponential)
    )
