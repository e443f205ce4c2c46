"""The argument of the exponential is kept above −64, or above −87.

A class of faults of our own, near Paddle #21165: against underflow, though nothing
needed it.
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


VARIANTS: Final = {"64": -64.0, "87": -87.0}


def _exponential(values: Real, least: float) -> Real:
    return np.exp(np.maximum(values, np.asarray(least, values.dtype)))


def _softmax(least: float) -> Callable[[Parts, Real, Formats], tuple[Real, Real]]:
    return softmax_of(exponential=partial(_exponential, least=least))


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"exponent_clamped_{variant}", softmax=_softmax(VARIANTS[variant])
    )
