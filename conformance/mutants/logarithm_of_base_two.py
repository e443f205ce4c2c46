"""The logarithm is log2 times a constant of 12 bits.

A class of faults of our own: a short constant for log 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.mutants._make import with_parts
from conformance.mutants._numbers import softmax_of, to_bits

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _logarithm(values: Real) -> Real:
    constant = to_bits(np.asarray(np.log(2.0)), 12)
    return np.log2(values) * np.asarray(constant, values.dtype)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("logarithm_of_base_two", softmax=softmax_of(logarithm=_logarithm))
