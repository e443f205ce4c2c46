"""Cross-entropy: effective class weights, row losses, gradients by closed formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backends._softmax import along_classes, as_rows, class_axis, from_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

IGNORE_INDEX = -100


@dataclass(frozen=True)
class Mass:
    """How much each class of each row weighs, in the compute format.

    Attributes:
        effective: `(R, C)`, e: the loss of a row is −Σ_c e_c log p_c.
        present: `(R, C)`: False where e is zero by construction, so that an infinite
            logarithm there does not matter.
        kept: `(R,)`: False where the row is ignored.
        divisor: `()`: what `mean` divides by.
        by_target: `(C,)`, de/dt for class probabilities, else None.
        by_weight: `(R, C)`, de/dw for class probabilities, else None.
    """

    effective: Real
    present: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    divisor: Real
    by_target: Real | None = None
    by_weight: Real | None = None


def spread(smoothing: float, classes: int) -> tuple[float, float]:
    """Return 1 − ε, the share of the target itself, and ε/C, that of every class."""
    return 1.0 - smoothing, smoothing / max(classes, 1)


def kept_rows(target: NDArray[np.int64], ignore_index: int) -> NDArray[np.bool_]:
    """Return for each row whether it counts."""
    return np.asarray(target != ignore_index)


def class_weights(weight: NDArray[Any] | None, classes: int, formats: Formats) -> Real:
    """Return `(C,)`, the weights in the compute format: ones if none are given."""
    if weight is None:
        return np.ones(classes, formats.compute)
    return np.asarray(weight, formats.compute)


def weight_sum(
    parts: Parts, row_weights: Real, kept: NDArray[np.bool_], formats: Formats
) -> Real:
    """Return Σ w_y over the rows that count: what `mean` divides by."""
    return parts.total(np.where(kept, row_weights, np.zeros_like(row_weights)), formats)


def logit_gradient(p: Real, mass: Real, effective: Real) -> Real:
    """Return p·a − e, the gradient of a row by its logits, with a = Σ_c e_c."""
    return p * mass - effective


def logit_curvature(
    parts: Parts, p: Real, mass: Real, tangent: Real, formats: Formats
) -> Real:
    """Return a p_j (v_j − Σ p v), the Hessian of a row times the direction v."""
    mean = parts.total(p * tangent, formats)[:, np.newaxis]
    return p * (tangent - mean) * mass


def row_slope(
    parts: Parts, p: Real, mass: Mass, tangent: Real, formats: Formats
) -> Real:
    """Return `(R,)`, Σ_c e_c (Σ p v − v_c), the derivative of a row along v."""
    mean = parts.total(p * tangent, formats)[:, np.newaxis]
    moved = mass.effective * (mean - tangent)
    return parts.total(np.where(mass.present, moved, np.zeros_like(moved)), formats)


def mask_rows(values: Real, kept: NDArray[np.bool_]) -> Real:
    """Return `values` `(R, …)` with exact zeros in the rows that do not count."""
    mask = kept.reshape(kept.shape + (1,) * (values.ndim - 1))
    return np.where(mask, values, np.zeros_like(values))


def index_mass(
    parts: Parts,
    buffers: Mapping[str, NDArray[Any]],
    options: Mapping[str, Any],
    formats: Formats,
) -> Mass:
    """Return the effective weights of class indices: (1−ε) w_y [c=y] + (ε/C) w_c."""
    logits = buffers["input"]
    classes = logits.shape[class_axis(logits.ndim)]
    ignored = int(options.get("ignore_index", IGNORE_INDEX))
    target = parts.indices(buffers["target"].reshape(-1), classes, ignored)
    kept = parts.kept_rows(target, ignored)
    known = np.where(kept & (target >= 0) & (target < classes), target, 0)
    weight = parts.class_weights(buffers.get("weight"), classes, formats)
    keep, share = _rounded_spread(parts, options, classes, formats)
    hit = known[:, np.newaxis] == np.arange(classes)
    none = np.zeros_like(weight)  # Not 0 · weight, which is nan for an infinite one.
    effective = np.where(hit, keep * weight, none) + (share * weight if share else none)
    row_weights = parts.total(np.where(hit, weight, none), formats)
    everywhere = np.full_like(hit, fill_value=bool(share != 0))
    mean = parts.weight_sum(parts, row_weights, kept, formats)
    return Mass(effective, hit | everywhere, kept, mean)


def probability_mass(
    parts: Parts,
    buffers: Mapping[str, NDArray[Any]],
    options: Mapping[str, Any],
    formats: Formats,
) -> Mass:
    """Return the effective weights of class probabilities: w_c ((1−ε) t_c + ε/C)."""
    target = as_rows(parts.widen(buffers["target"], formats))
    rows, classes = target.shape
    weight = parts.class_weights(buffers.get("weight"), classes, formats)
    keep, share = _rounded_spread(parts, options, classes, formats)
    smoothed = target * keep + share
    return Mass(
        effective=weight * smoothed,
        present=np.ones_like(target, dtype=np.bool_),
        kept=np.ones(rows, np.bool_),
        divisor=np.asarray(rows, formats.compute),
        by_target=weight * keep,
        by_weight=smoothed,
    )


def _rounded_spread(
    parts: Parts, options: Mapping[str, Any], classes: int, formats: Formats
) -> tuple[Real, Real]:
    keep, share = parts.spread(float(options.get("label_smoothing", 0.0)), classes)
    return np.asarray(keep, formats.compute), np.asarray(share, formats.compute)


def evaluate(
    parts: Parts,
    reduction: str,
    options: Mapping[str, Any],
    buffers: Mapping[str, NDArray[Any]],
) -> tuple[NDArray[Any], dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Return the loss and the gradients that the kind of target allows, as stored.

    And, third, the derivatives along a tangent, if there is one.
    """
    formats = parts.formats(buffers["input"].dtype.name)
    logits = parts.widen(buffers["input"], formats)
    log_p, p = along_classes(parts, logits, formats)
    by_index = buffers["target"].dtype.kind in "iu"
    mass_of = parts.index_mass if by_index else parts.probability_mass
    mass = mass_of(parts, buffers, options, formats)
    divisor = parts.divisor(reduction, mass.divisor)
    losses = parts.mask_rows(parts.row_losses(parts, log_p, mass, formats), mass.kept)
    value = _reduced(parts, losses, (reduction, divisor), logits.shape, formats)
    upstream = parts.cotangent(buffers.get("upstream"), value.shape, formats)
    scale = np.broadcast_to(upstream.reshape(-1), losses.shape)
    rows = gradients(parts, (log_p, p), mass, (scale, divisor), formats)
    shaped = {
        name: g if name == "weight" else from_rows(g, logits.shape)
        for name, g in rows.items()
        if name in buffers
    }
    stored = {name: parts.store(g, formats) for name, g in shaped.items()}
    along: dict[str, Real] = {}
    if "tangent" in buffers:
        v = as_rows(parts.widen(buffers["tangent"], formats))
        summed = parts.total(mass.effective, formats)[:, np.newaxis]
        bent = parts.logit_curvature(parts, p, summed, v, formats)
        bent = parts.mask_rows(bent * (scale / divisor)[:, np.newaxis], mass.kept)
        moved = parts.mask_rows(parts.row_slope(parts, p, mass, v, formats), mass.kept)
        along = {
            "hvp": from_rows(bent, logits.shape),
            "jvp": _reduced(parts, moved, (reduction, divisor), logits.shape, formats),
        }
    derivatives = {name: parts.store(d, formats) for name, d in along.items()}
    return parts.store(value, formats), stored, derivatives


def _reduced(
    parts: Parts,
    rows: Real,
    by: tuple[str, Real],
    shape: tuple[int, ...],
    formats: Formats,
) -> Real:
    """Return `(R,)` after the reduction and its divisor; logits are of `shape`."""
    reduction, divisor = by
    if reduction == "none":
        axis = class_axis(len(shape))
        return rows.reshape(shape[:axis] + shape[axis + 1 :])
    # Adding zero turns −0 into +0 and changes nothing else.
    return np.asarray(parts.total(rows, formats) / divisor + 0)


def row_losses(parts: Parts, log_p: Real, mass: Mass, formats: Formats) -> Real:
    """Return `(R,)`, −Σ_c e_c log p_c over the classes that are present."""
    terms = -(mass.effective * log_p)
    # Minus zero is what `total` leaves out: a lone class keeps the sign of its zero.
    return parts.total(np.where(mass.present, terms, -np.zeros_like(terms)), formats)


def gradients(
    parts: Parts,
    softmax: tuple[Real, Real],
    mass: Mass,
    scaling: tuple[Real, Real],
    formats: Formats,
) -> dict[str, Real]:
    """Return the gradients: `(R, C)` by input and by target, `(C,)` by weight."""
    log_p, p = softmax
    scale = (scaling[0] / scaling[1])[:, np.newaxis]
    summed = parts.total(mass.effective, formats)[:, np.newaxis]
    by_logits = parts.logit_gradient(p, summed, mass.effective)
    result = {"input": parts.mask_rows(by_logits * scale, mass.kept)}
    if mass.by_target is not None and mass.by_weight is not None:
        # The logarithm comes last: without the scale the product might overflow.
        result["target"] = -(mass.by_target * scale) * log_p
        by_weight = -(mass.by_weight * scale) * log_p
        result["weight"] = parts.total(by_weight.T, formats)
    return result
