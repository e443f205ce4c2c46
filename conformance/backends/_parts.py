"""The steps of the NumPy backend, as a value: whoever wants one wrong replaces it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from conformance.backends import _arithmetic as arithmetic
from conformance.backends import _cross_entropy as cross_entropy
from conformance.backends import _regression as regression
from conformance.backends import _softmax as softmax
from conformance.backends import _validation as validation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._cross_entropy import Mass

    Buffers: TypeAlias = Mapping[str, NDArray[Any]]
    Options: TypeAlias = Mapping[str, Any]
    Indices: TypeAlias = NDArray[np.int64]
    Mask: TypeAlias = NDArray[np.bool_]


def _terms() -> Mapping[str, Callable[[Real], Real]]:
    return MappingProxyType({"mae": regression.mae_term, "mse": regression.mse_term})


def _slopes() -> Mapping[str, Callable[[Real, Real], Real]]:
    return MappingProxyType({"mae": regression.mae_slope, "mse": regression.mse_slope})


def _curvatures() -> Mapping[str, Callable[[Real], Real]]:
    return MappingProxyType(
        {"mae": regression.mae_curvature, "mse": regression.mse_curvature}
    )


@dataclass(frozen=True)
class Parts:
    """One function for each step. What each takes and returns is in its default.

    Attributes:
        formats: Which formats a computation uses.
        widen: From storage to compute format.
        store: From compute to storage format.
        total: Sums over the last axis.
        cotangent: The upstream gradient.
        divisor: What a reduction divides by.
        terms: Loss → elementwise loss of a difference.
        slopes: Loss → derivative of the reduced loss by a difference.
        indices: Class indices, checked.
        kept_rows: Which rows are not ignored.
        class_weights: The weight of each class.
        spread: Label smoothing.
        softmax_axis: The axis that softmax runs over.
        shift: What softmax subtracts first.
        log_sum: The logarithm of the sum of exponentials.
        softmax: log p and p.
        weight_sum: The denominator of `mean` for class indices.
        mask_rows: How ignored rows become zero.
        logit_gradient: The gradient of a row by its logits.
        curvatures: Loss → second derivative of the reduced loss by a difference.
        logit_curvature: The Hessian of a row times a direction.
        row_slope: The derivative of a row's loss along a direction.
        index_mass: What each class weighs where the target holds class indices.
        probability_mass: The same where it holds class probabilities.
        row_losses: The loss of each row.
    """

    formats: Callable[[str], Formats] = arithmetic.formats_of
    widen: Callable[[NDArray[Any], Formats], Real] = arithmetic.widen
    store: Callable[[Real, Formats], NDArray[Any]] = arithmetic.store
    total: Callable[[Real, Formats], Real] = arithmetic.total
    cotangent: Callable[[NDArray[Any] | None, Sequence[int], Formats], Real] = (
        arithmetic.cotangent
    )
    divisor: Callable[[str, Real], Real] = arithmetic.divisor
    terms: Mapping[str, Callable[[Real], Real]] = field(default_factory=_terms)
    slopes: Mapping[str, Callable[[Real, Real], Real]] = field(default_factory=_slopes)
    indices: Callable[[NDArray[Any], int, int], Indices] = validation.checked_indices
    kept_rows: Callable[[Indices, int], Mask] = cross_entropy.kept_rows
    class_weights: Callable[[NDArray[Any] | None, int, Formats], Real] = (
        cross_entropy.class_weights
    )
    spread: Callable[[float, int], tuple[float, float]] = cross_entropy.spread
    softmax_axis: Callable[[int], int] = softmax.class_axis
    shift: Callable[[Real], Real] = softmax.shift
    log_sum: Callable[[Real, Formats], Real] = softmax.log_sum
    softmax: Callable[[Parts, Real, Formats], tuple[Real, Real]] = softmax.softmax
    weight_sum: Callable[[Parts, Real, Mask, Formats], Real] = cross_entropy.weight_sum
    mask_rows: Callable[[Real, Mask], Real] = cross_entropy.mask_rows
    logit_gradient: Callable[[Real, Real, Real], Real] = cross_entropy.logit_gradient
    curvatures: Mapping[str, Callable[[Real], Real]] = field(
        default_factory=_curvatures
    )
    logit_curvature: Callable[[Parts, Real, Real, Real, Formats], Real] = (
        cross_entropy.logit_curvature
    )
    row_slope: Callable[[Parts, Real, Mass, Real, Formats], Real] = (
        cross_entropy.row_slope
    )
    index_mass: Callable[[Parts, Buffers, Options, Formats], Mass] = (
        cross_entropy.index_mass
    )
    probability_mass: Callable[[Parts, Buffers, Options, Formats], Mass] = (
        cross_entropy.probability_mass
    )
    row_losses: Callable[[Parts, Real, Mass, Formats], Real] = cross_entropy.row_losses
