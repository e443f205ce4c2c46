"""MAE and MSE: the terms, their slopes, and sums over broadcast axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def mae_term(difference: Real) -> Real:
    """Return |d|."""
    return np.abs(difference)


def mse_term(difference: Real) -> Real:
    """Return d²."""
    return difference * difference


def mae_slope(difference: Real, count: Real) -> Real:
    """Return sign(d) / count: zero where d is zero or not a number, as in torch."""
    one = np.ones_like(difference)
    sign = np.where(difference > 0, one, np.where(difference < 0, -one, 0 * one))
    return sign / count


def mse_slope(difference: Real, count: Real) -> Real:
    """Return 2 d / count."""
    return difference * (np.asarray(2, count.dtype) / count)


def mae_curvature(count: Real) -> Real:
    """Return 0, the derivative of the slope where there is one, and at the kink."""
    return 0 * count


def mse_curvature(count: Real) -> Real:
    """Return 2 / count."""
    return np.asarray(np.asarray(2, count.dtype) / count)


def evaluate(
    parts: Parts, loss: str, reduction: str, buffers: Mapping[str, NDArray[Any]]
) -> tuple[NDArray[Any], dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Return the loss, its gradients by `input` and `target`, and its derivatives.

    All are in storage format; derivatives are those along a tangent, if there is one.
    """
    formats = parts.formats(buffers["input"].dtype.name)
    difference = np.subtract(
        parts.widen(buffers["input"], formats), parts.widen(buffers["target"], formats)
    )
    # In the compute format, else NumPy would choose float64.
    count = parts.divisor(reduction, np.asarray(difference.size, formats.compute))
    terms = parts.terms[loss](difference)
    value = terms if reduction == "none" else _reduced(parts, terms, count, formats)
    upstream = parts.cotangent(buffers.get("upstream"), value.shape, formats)
    slope = parts.slopes[loss](difference, count) * upstream
    gradients = {
        name: parts.store(_gathered(parts, g, buffers[name].shape, formats), formats)
        for name, g in (("input", slope), ("target", -slope))
    }
    along: dict[str, NDArray[Any]] = {}
    if "tangent" in buffers:
        v = np.broadcast_to(parts.widen(buffers["tangent"], formats), difference.shape)
        # The slope of a term: its division by n comes after the sum.
        moved = parts.slopes[loss](difference, np.ones_like(count)) * v
        bent = parts.curvatures[loss](count) * v * upstream
        made = {
            "hvp": _gathered(parts, bent, buffers["input"].shape, formats),
            "jvp": moved
            if reduction == "none"
            else _reduced(parts, moved, count, formats),
        }
        along = {name: parts.store(np.asarray(d), formats) for name, d in made.items()}
    return parts.store(np.asarray(value), formats), gradients, along


def _reduced(parts: Parts, terms: Real, count: Real, formats: Formats) -> Real:
    # Adding zero turns −0 into +0 and changes nothing else.
    return np.asarray(parts.total(terms.reshape(-1), formats) / count + 0)


def _gathered(
    parts: Parts, full: Real, shape: tuple[int, ...], formats: Formats
) -> Real:
    """Return `full` summed over the axes along which `shape` was broadcast."""
    lead = full.ndim - len(shape)
    padded = (1,) * lead + shape
    axes = [i for i, n in enumerate(padded) if i < lead or n != full.shape[i]]
    if not axes:
        return full.reshape(shape)
    last = np.moveaxis(full, axes, range(full.ndim - len(axes), full.ndim))
    kept = last.shape[: full.ndim - len(axes)]
    summed = parts.total(
        last.reshape(*kept, math.prod(full.shape[i] for i in axes)), formats
    )
    return summed.reshape(shape)
