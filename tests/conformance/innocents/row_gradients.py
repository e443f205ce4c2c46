"""Gradients of cross-entropy, with the factors in every order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pieces import Pieces

    from conformance.backends._arithmetic import Real


def _column(a: Real) -> Real:
    return a[:, np.newaxis]


def _mass(p: Pieces) -> Real:
    return _column(p.total(p.effective))


def scaled_last(p: Pieces) -> Real:
    """Return (p a − e) · (u/W)."""
    return (p.p * _mass(p) - p.effective) * _column(p.upstream / p.divisor)


def scaled_first(p: Pieces) -> Real:
    """Return p (a s) − e s."""
    s = _column(p.upstream / p.divisor)
    return p.p * (_mass(p) * s) - p.effective * s


def scaled_each(p: Pieces) -> Real:
    """Return (p s) a − s e, with a the sum of what is in e."""
    s = _column(p.upstream / p.divisor)
    return (p.p * s) * _mass(p) - s * p.effective


def scaled_sum(p: Pieces) -> Real:
    """Return p Σ(e s) − e s."""
    es = p.effective * _column(p.upstream / p.divisor)
    return p.p * _column(p.total(es)) - es


def normalised_first(p: Pieces) -> Real:
    """Return (p Σ(e/W) − e/W) u."""
    e = p.effective / p.divisor
    return (p.p * _column(p.total(e)) - e) * _column(p.upstream)


def divided_last(p: Pieces) -> Real:
    """Return ((p a − e) u) / W."""
    return ((p.p * _mass(p) - p.effective) * _column(p.upstream)) / p.divisor


def upstream_last(p: Pieces) -> Real:
    """Return ((p a − e) / W) u."""
    return ((p.p * _mass(p) - p.effective) / p.divisor) * _column(p.upstream)


def gradients_apart(p: Pieces) -> Real:
    """Return (1 − ε) (p Σtw − tw) s + ε/C (p Σw − w) s, for class indices."""
    if p.probable:
        return divided_last(p)
    s = _column(p.upstream / p.divisor)
    tw = np.where(p.hit, p.target * p.weight, 0 * p.p)
    own = (p.p * _column(p.total(tw)) - tw) * (p.keep * s)
    every = (p.p * p.total(p.weight) - p.weight) * (p.share * s)
    return np.asarray(own + every) if p.everywhere else own


def log_last(p: Pieces) -> tuple[Real, Real]:
    """Return (w (1 − ε) s) log p, and (mixed s) log p."""
    s = _column(p.upstream / p.divisor)
    mixed = p.keep * p.target + p.share
    return (p.weight * p.keep * s) * p.log_p, (mixed * s) * p.log_p


def log_first(p: Pieces) -> tuple[Real, Real]:
    """Return ((log p · w) (1 − ε)) s, and (log p · mixed) s."""
    s = _column(p.upstream / p.divisor)
    mixed = p.keep * p.target + p.share
    return ((p.log_p * p.weight) * p.keep) * s, (p.log_p * mixed) * s


def scale_first(p: Pieces) -> tuple[Real, Real]:
    """Return ((s log p) w) (1 − ε), and (s log p) mixed."""
    sl = _column(p.upstream / p.divisor) * p.log_p
    mixed = p.target * p.keep + p.share
    return (sl * p.weight) * p.keep, sl * mixed
