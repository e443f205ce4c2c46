"""Cross-entropy, with the factors in every order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pieces import Mean, Pieces

    from conformance.backends._arithmetic import Real


def joined(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c ((1 − ε) t w + ε/C w) (−log p)."""
    return p.reduce(p.over_classes(-(p.effective * p.log_p), p.present), mean)


def nested(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c (w ((1 − ε) t + ε/C)) (−log p)."""
    e = p.weight * (p.keep * p.target + p.share)
    return p.reduce(p.over_classes(-(e * p.log_p), p.present), mean)


def weights_last(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c ((−log p) ((1 − ε) t + ε/C)) w."""
    terms = (-p.log_p * (p.keep * p.target + p.share)) * p.weight
    return p.reduce(p.over_classes(terms, p.present), mean)


def weights_first(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c ((−log p) w) ((1 − ε) t + ε/C)."""
    terms = (-p.log_p * p.weight) * (p.keep * p.target + p.share)
    return p.reduce(p.over_classes(terms, p.present), mean)


def _two_sums(p: Pieces) -> tuple[Real, Real]:
    own = p.over_classes((-p.log_p * p.target) * p.weight, p.hit)
    everywhere = np.broadcast_to(np.asarray(p.everywhere), p.hit.shape)
    return own, p.over_classes(-(p.log_p * p.weight), everywhere)


def rows_apart(p: Pieces, mean: Mean) -> Real:
    """Return (1 − ε) w_y (−log p_y) + ε/C Σ w (−log p), row by row.

    Of class indices: at logits of −inf the table of special values takes a class
    probability and its smoothing together, so that 0 · inf or inf − inf cannot arise.
    """
    if p.probable:
        return joined(p, mean)
    own, every = _two_sums(p)
    return p.reduce(p.keep * own + p.share * every, mean)


def reduced_apart(p: Pieces, mean: Mean) -> Real:
    """Return (1 − ε) of one reduced loss + ε/C of the other, for class indices."""
    if p.probable:
        return nested(p, mean)
    own, every = (p.reduce(rows, mean) for rows in _two_sums(p))
    return np.asarray(p.keep * own + p.share * every)


def divided_rows(p: Pieces, mean: Mean) -> Real:
    """Return the sum of row losses that were divided by W first."""
    rows = p.over_classes(-(p.effective * p.log_p), p.present)
    if not p.reduced:
        return rows
    # Of no rows there is a sum, but no mean.
    return (
        p.total(mean(rows, p.divisor))
        if p.kept.any()
        else mean(0 * p.divisor, p.divisor)
    )


def normalised(p: Pieces, mean: Mean) -> Real:
    """Return Σ (e/W) (−log p)."""
    if not p.reduced or not p.kept.any():
        return joined(p, mean)
    e = mean(p.effective, p.divisor)
    return p.total(p.over_classes(-(e * p.log_p), p.present))
