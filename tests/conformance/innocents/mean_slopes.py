"""Means, and the gradient of MSE, with the factors in every order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conformance.backends._arithmetic import Real


def divided(total: Real, n: Real) -> Real:
    """Return total / n."""
    return np.asarray(total / n)


def multiplied(total: Real, n: Real) -> Real:
    """Return total · (1/n)."""
    return np.asarray(total * (np.ones((), n.dtype) / n))


def two_over_n_first(d: Real, n: Real, u: Real) -> Real:
    """Return (2/n · d) · u."""
    return np.asarray(((np.asarray(2, d.dtype) / n) * d) * u)


def upstream_first(d: Real, n: Real, u: Real) -> Real:
    """Return 2 d · (u/n)."""
    return np.asarray((d + d) * (u / n))


def doubled_upstream(d: Real, n: Real, u: Real) -> Real:
    """Return d · (2 u/n)."""
    return np.asarray(d * (np.asarray(2, d.dtype) * u / n))


def division_last(d: Real, n: Real, u: Real) -> Real:
    """Return (2 d · u)/n."""
    return np.asarray(((d + d) * u) / n)


def by_reciprocal(d: Real, n: Real, u: Real) -> Real:
    """Return 2 d · (u · (1/n))."""
    return np.asarray((d + d) * (u * (np.ones((), d.dtype) / n)))


def doubled_last(d: Real, n: Real, u: Real) -> Real:
    """Return d/n · u added to itself."""
    slope = np.asarray(d / n * u)
    return slope + slope
