"""The squared error is halved, in value and gradient alike.

Seen in optax, whose `l2_loss` is meant so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._regression import mae_slope, mae_term, mse_slope, mse_term
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real


def _term(difference: Real) -> Real:
    return mse_term(difference) / 2


def _slope(difference: Real, count: Real) -> Real:
    return mse_slope(difference, count) / 2


def create() -> Backend:
    """Return the mutant."""
    return with_parts(
        "squared_halved",
        terms={"mae": mae_term, "mse": _term},
        slopes={"mae": mae_slope, "mse": _slope},
    )
