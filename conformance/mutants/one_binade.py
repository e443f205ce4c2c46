"""Terms are off by 1 % where the difference has one exponent: 2^10, 2^-30 or 2^100.

A class of faults of our own, with a rare trigger: a bad row of a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._regression import mae_term, mse_term
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


VARIANTS: Final = {"2_to_10": 11, "2_to_minus_30": -29, "2_to_100": 101}
"""The exponent as `frexp` counts it."""


def _off(values: Real, difference: Real, exponent: int) -> Real:
    hit = np.frexp(difference)[1] == exponent
    return np.where(hit, values * np.asarray(1.01, values.dtype), values)


def _terms(exponent: int) -> dict[str, Callable[[Real], Real]]:
    return {
        "mae": lambda d: _off(mae_term(d), d, exponent),
        "mse": lambda d: _off(mse_term(d), d, exponent),
    }


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(f"one_binade_{variant}", terms=_terms(VARIANTS[variant]))
