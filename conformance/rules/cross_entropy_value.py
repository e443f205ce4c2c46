"""The bound of the loss of cross-entropy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.arranging import cleared
from conformance.rules.cross_entropy_parts import unscaled
from conformance.rules.exactness import UNKNOWN
from conformance.rules.regression import averaged
from conformance.rules.running import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.cross_entropy_parts import Parts


def value(parts: Parts) -> Running:
    """Return the loss: `(n,)` for `none`, else a scalar."""
    with np.errstate(all="ignore"):
        if parts.rows.plain:
            return _reduced(parts, _plain_terms(parts)).stored(parts.arithmetic)
        if parts.rows.indices is not None and parts.arithmetic.stages:
            return _staged_smoothing(parts)
        return _reduced(parts, _mixed_terms(parts)).stored(parts.arithmetic)


def _plain_terms(parts: Parts) -> Running:
    rows = parts.rows
    assert rows.indices is not None  # noqa: S101 - for the type checker
    n = np.arange(len(rows.x))
    terms = cleared(parts.softmax.surprise.take(n, rows.indices), rows.valid)
    if rows.weight is not None:
        weight = Running.argument(rows.weights[rows.indices], parts.arithmetic)
        terms = terms.times(cleared(weight, rows.valid), parts.arithmetic)
    sums = parts.arithmetic.sums
    if sums.u > parts.arithmetic.compute.u:
        # It may be picked by a sum over the classes, of which the others are 0.
        terms = terms.rounded(sums, "summation", underflow=sums.eta)
    return terms


def _mixed_terms(parts: Parts) -> Running:
    """Return Σ_c e_c (−log p_c) of each row, unstored."""
    rows, ar = parts.rows, parts.arithmetic
    surprise = _all_classes(parts, rows.present)
    if ar.stages:  # class probabilities: log p · target · weight, each stored
        terms = surprise.times(_staged_target(parts), ar).within(ar).staged(ar)
        if rows.weight is not None:
            weight = np.broadcast_to(rows.weight, rows.x.shape)
            terms = terms.times(Running.argument(weight, ar), ar).within(ar).staged(ar)
    else:
        terms = surprise.times(parts.effective(), ar).within(ar)
    # What one of the factors loses with −log p is scaled by those that come later.
    lost = np.where(parts.scarce(rows.small), 2 * ar.underflow * rows.large, 0.0)
    terms = terms.plus_error("underflow", lost)
    return terms.summed(ar, ar.height(rows.classes), last_axis=True)


def _all_classes(parts: Parts, used: NDArray[np.bool_]) -> Running:
    """Return −log p for a sum over all classes.

    A factor 0 does not excuse an overflow (0 · inf is nan), and ε/C may be
    multiplied in last, after 1/W, so the range counts for terms without ε, and for
    their sum.
    """
    rows, ar = parts.rows, parts.arithmetic
    surprise = parts.softmax.surprise
    scale = max(1.0, parts.reciprocal())
    size = unscaled(rows, surprise) * scale
    # 0 · inf is nan, which is admitted, or 0: the other classes' bound holds.
    absent = np.isneginf(rows.x) & ~used
    lost = surprise.lost & ~absent
    lost = lost | ~(rows.large * scale <= ar.largest)
    lost = lost | ~(size.sum(axis=1, keepdims=True) <= ar.compute.largest)
    if rows.reduction != "none":
        lost |= ~(size.sum() <= ar.compute.largest)
    lost &= rows.valid[:, None]
    return replace(cleared(surprise, used), lost=lost)


def _staged_target(parts: Parts) -> Running:
    """Return t (1 − ε) + ε/C with a store after the product and after the sum."""
    rows, ar = parts.rows, parts.arithmetic
    assert rows.probabilities is not None  # noqa: S101 - its only caller
    target = Running.argument(rows.probabilities, ar)
    if not rows.smoothing:
        return target
    keep = _constant(1 - rows.smoothing, target, ar, rows.smoothing)
    share = rows.smoothing / rows.classes
    mixed = target.times(keep, ar).staged(ar)
    return mixed.plus(_constant(share, target, ar, share), ar).staged(ar)


def _reduced(parts: Parts, terms: Running) -> Running:
    """Return the terms after the reduction, unstored."""
    if parts.rows.reduction == "none":
        return terms
    ar = parts.arithmetic
    n = int(parts.rows.valid.sum())
    w, height = parts.rows.denominator(ar), ar.row_height(n)
    if w is not None and not (ar.stages and parts.rows.probabilities is not None):
        return parts.checked(averaged(terms, w, ar, height), w)
    total = terms.within(ar).summed(ar, height).within(ar)
    if parts.rows.probabilities is not None:
        total = total.staged(ar)
    return total if w is None else parts.divided(total, w)


def _staged_smoothing(parts: Parts) -> Running:
    """Return the loss as (1 − ε) · nll + ret · (ε/C), each operation stored."""
    rows, ar = parts.rows, parts.arithmetic
    nll = _reduced(parts, _plain_terms(parts)).stored(ar)
    surprise = _all_classes(parts, rows.valid[:, None] & (rows.weights != 0))
    if rows.weight is not None:
        w = Running.argument(np.broadcast_to(rows.weights, rows.x.shape), ar)
        surprise = surprise.times(w, ar).within(ar).staged(ar)
    smooth = surprise.summed(ar, ar.height(rows.classes), last_axis=True).staged(ar)
    smooth = _reduced_stored(parts, smooth)
    keep, share = 1 - rows.smoothing, rows.smoothing / max(rows.classes, 1)
    first = nll.times(_constant(keep, nll, ar, rows.smoothing), ar).staged(ar)
    second = smooth.times(_constant(share, smooth, ar, share), ar).staged(ar)
    return first.plus(second, ar).stored(ar)


def _reduced_stored(parts: Parts, smooth: Running) -> Running:
    if parts.rows.reduction == "none":
        return smooth
    ar = parts.arithmetic
    n = int(parts.rows.valid.sum())
    total = smooth.within(ar).summed(ar, ar.row_height(n)).within(ar).staged(ar)
    w = parts.rows.denominator(ar)
    if w is None:
        return total
    if parts.rows.weight is not None:
        w = w.staged(ar)
    # ε/C comes after this: what leaves the range here does not come back.
    return parts.divided(total, w).within(ar).staged(ar)


def _constant(
    value: float, like: Running, arithmetic: Arithmetic, drift: float
) -> Running:
    """Return a scalar made from ε, rounded once, with ε's own rounding."""
    made = Running.exact(np.full(like.value.shape, value))
    made = made.plus_error("weights", arithmetic.compute.u * drift)
    made = replace(made, held=np.full(like.value.shape, UNKNOWN))
    return made.rounded(arithmetic.compute, "weights")
