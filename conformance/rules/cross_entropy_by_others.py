"""The bounds of the gradients by class probabilities and class weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.arranging import cleared, column, transposed
from conformance.rules.cross_entropy_parts import ROUNDINGS
from conformance.rules.exactness import power_of_two
from conformance.rules.running import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.cross_entropy_parts import Parts
    from conformance.rules.running import Floats


def by_target(parts: Parts) -> Running:
    """Return the gradient by class probabilities, `(n, C)`."""
    with np.errstate(all="ignore"):
        rows, ar = parts.rows, parts.arithmetic
        s = column(parts.scale(), rows.x.shape)
        base = np.broadcast_to(rows.weights, rows.x.shape)
        live = (base != 0) & (rows.smoothing != 1)
        factor = _factor(parts, base, s)
        made = _in_any_order(parts, base, live).times(factor, ar)
        made = _rounded_twice(made, factor, base, s, ar)
        made = _scaled_last(parts, made, base, live)
        if ar.stages and rows.smoothing:
            # 1 − ε comes last, after log p · (…) was stored, subnormal perhaps.
            made = made.plus_error("stages", ar.stored_underflow)
        return made.stored(ar)


def by_weight(parts: Parts) -> Running:
    """Return the gradient by class weights for class probabilities, `(C,)`."""
    with np.errstate(all="ignore"):
        rows, ar = parts.rows, parts.arithmetic
        assert rows.probabilities is not None  # noqa: S101 - indices have no rule
        s = column(parts.scale(), rows.x.shape)
        mixed = rows.probabilities * (1 - rows.smoothing)
        share = rows.smoothing / max(rows.classes, 1)
        factor = _factor(parts, mixed, s, share=share)
        live = (rows.probabilities != 0) & (rows.smoothing != 1)
        live = live | (rows.smoothing != 0)
        surprise = _in_any_order(parts, rows.probabilities, live)
        terms = surprise.times(factor, ar).within(ar)
        terms = _rounded_twice(terms, factor, rows.probabilities, s, ar)
        terms = _scaled_last(parts, terms, np.abs(mixed) + share, live).staged(ar)
        n, turned = ar.row_height(len(rows.x)), transposed(terms)
        made = turned.summed(ar, n, last_axis=True)
        return replace(made, lost=made.lost | _overflows(parts, surprise)).stored(ar)


def _overflows(parts: Parts, surprise: Running) -> NDArray[np.bool_]:
    """Say where Σ −log p · t · u of a class leaves the range before it is scaled."""
    rows = parts.rows
    share = bool(rows.smoothing) / max(rows.classes, 1)
    terms = surprise.size * (rows.given + share) * np.abs(rows.upstream)[:, None]
    total = terms.sum(axis=0) * max(1.0, parts.reciprocal())
    return np.asarray(~(total <= parts.arithmetic.largest))


def _in_any_order(parts: Parts, base: Floats, live: NDArray[np.bool_]) -> Running:
    """Return −log p, lost where a product of it in some order leaves the range.

    At a logit of −inf with a factor 0, 0 · inf is nan, which is admitted, or 0.
    """
    rows, ar = parts.rows, parts.arithmetic
    surprise = parts.softmax.surprise
    reach = np.maximum(1.0, surprise.size) * parts.factors(np.abs(base))
    lost = surprise.lost | ~(reach <= ar.largest)
    return cleared(replace(surprise, lost=lost), live | ~np.isneginf(rows.x))


def _rounded_twice(
    made: Running, factor: Running, base: Floats, s: Running, ar: Arithmetic
) -> Running:
    """Return −log p · (base · s) with what (−log p · base) · s rounds besides.

    Where base · s is exact, only the last product was rounded; in the other order both
    are, unless one of the two moves the exponent alone.
    """
    alone = power_of_two(base) | power_of_two(s.value)
    exact = ~np.isnan(factor.held) & ~alone
    return made.plus_error("product", np.where(exact, ar.compute.u * made.size, 0.0))


def _scaled_last(
    parts: Parts, made: Running, base: Floats, live: NDArray[np.bool_]
) -> Running:
    """Return −log p · base · s with what −log p times some of them may lose.

    Two products come before the last one; where they may be subnormal, each loses η
    times the factors that are multiplied in later.
    """
    rows, ar = parts.rows, parts.arithmetic
    up = np.minimum(1.0, np.abs(rows.upstream))[:, None]
    least = np.minimum(1.0, np.abs(base)) * up * min(1.0, parts.reciprocal())
    surprise = parts.softmax.surprise
    # Twice the smallest normal number: the machine's factors are not exactly ours.
    small = np.abs(surprise.value) * least < 2.0 ** (ar.compute.format.emin + 1)
    lone = (np.abs(base) == 1) & (rows.reduction != "mean" and not rows.smoothing)
    lost = 2 * ar.underflow * parts.factors(np.abs(base))
    small &= live & (rows.upstream != 0)[:, None] & ~lone
    return made.plus_error("underflow", np.where(small, lost, 0.0))


def _factor(parts: Parts, base: Floats, s: Running, share: float = 0.0) -> Running:
    """Return (base · (1 − ε) or base + share) · s with its roundings."""
    rows, ar = parts.rows, parts.arithmetic
    keep = 1.0 if share or not rows.smoothing else 1 - rows.smoothing
    value = base * keep + share
    size = np.abs(base) * keep + share
    factor = Running.exact(value)
    stores = 4 if ar.stages else 0
    if rows.smoothing or rows.weight is not None:
        drift = ar.compute.u * rows.smoothing * np.maximum(1.0, np.abs(base))
        amount = ROUNDINGS * ar.compute.u * size + drift
        factor = factor.plus_error("weights", amount)
    lost = ~ar.storage.survives(base)
    factor = factor.plus_error("flush", np.where(lost, np.abs(base) * keep, 0.0))
    made = factor.times(s, ar).rounded(ar.compute, "product")
    made = parts.underflow(made, s, size, size)
    if not stores:
        return made
    later = parts.factors(size)
    relative = stores * ar.storage.u / (1 - stores * ar.storage.u)
    amount = (
        relative * (size * s.size + made.error) + stores * ar.stored_underflow * later
    )
    return made.plus_error("stages", amount)
