"""Sums over the last axis, in every order that somebody uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.backends._arithmetic import Formats, Real

LANES = 8


def sequential(values: Real, formats: Formats) -> Real:
    """Return sums from the first addend to the last."""
    array = np.asarray(values, formats.compute)
    if not array.shape[-1]:
        return np.zeros(array.shape[:-1], formats.compute)
    return np.asarray(np.add.accumulate(array, axis=-1)[..., -1])


def backward(values: Real, formats: Formats) -> Real:
    """Return sums from the last addend to the first."""
    return sequential(values[..., ::-1], formats)


def shuffled(values: Real, formats: Formats) -> Real:
    """Return sums in an arbitrary order, another one for each length."""
    order = np.random.default_rng(values.size).permutation(values.shape[-1])
    return sequential(values[..., order], formats)


def ascending(values: Real, formats: Formats) -> Real:
    """Return sums of the sorted addends, the smallest first."""
    return sequential(np.sort(values, axis=-1), formats)


def descending(values: Real, formats: Formats) -> Real:
    """Return sums of the sorted addends, the largest first."""
    return sequential(np.sort(values, axis=-1)[..., ::-1], formats)


def pairwise(values: Real, formats: Formats) -> Real:
    """Return sums of halves, each summed in the same way."""
    n = values.shape[-1]
    if n <= 2:
        return sequential(values, formats)
    half = n // 2
    left, right = pairwise(values[..., :half], formats), values[..., half:]
    return np.asarray(left + pairwise(right, formats), formats.compute)


def in_lanes(values: Real, formats: Formats) -> Real:
    """Return 8 interleaved sums added up, and then the tail, one by one."""
    full = values.shape[-1] // LANES * LANES
    shape = (*values.shape[:-1], full // LANES, LANES)
    lanes = sequential(np.swapaxes(values[..., :full].reshape(shape), -1, -2), formats)
    tail = values[..., full:]
    return sequential(np.concatenate([lanes, tail], axis=-1), formats)


def compensated(values: Real, formats: Formats) -> Real:
    """Return sums with the rounding error of each addition added to the next one."""
    total = np.zeros(values.shape[:-1], formats.compute)
    lost = np.zeros_like(total)
    for i in range(values.shape[-1]):
        term = values[..., i] - lost
        made = total + term
        # Where an infinity was added there is no rounding error, but inf − inf.
        lost = np.where(np.isfinite(made), (made - total) - term, 0 * total)
        lost = np.where(np.isfinite(lost), lost, np.zeros_like(lost))
        total = made
    return np.asarray(total, formats.compute)


def wider(values: Real, formats: Formats) -> Real:
    """Return sums made in float64 and rounded to the compute format."""
    made: NDArray[Any] = np.ascontiguousarray(values).sum(axis=-1, dtype=np.float64)
    return made.astype(formats.compute)
