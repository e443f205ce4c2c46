"""The exponential has a relative error of 2^-10, or of 2^-14.

Seen in GPU kernels built with fast mathematics; it is why Paddle #53045 and pytorch
#112714 drift between devices.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import with_parts
from conformance.mutants._numbers import softmax_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


VARIANTS: Final = {"10_bits": 10, "14_bits": 14}


def _exponential(values: Real, bits: int) -> Real:
    return np.exp(values) * (1 + np.asarray(0.5**bits, values.dtype))


def _of_first(values: Real, bits: int) -> Real:
    # Exact at the largest logit, as a polynomial is at its centre.
    return np.where(values == 0, np.exp(values), _exponential(values, bits))


def _softmax(bits: int) -> Callable[[Parts, Real, Formats], tuple[Real, Real]]:
    return softmax_of(exponential=partial(_of_first, bits=bits))


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"fast_exponential_{variant}", softmax=_softmax(VARIANTS[variant])
    )
