r"""The bound of log-softmax in each scheme, the heart of all cross-entropy.

With m = max x, t_j = m − x_j, S = Σ e^{−t}, L = log S, −log p_j = t_j + L, in a format
with unit roundoff u, the machine computes

1. an exponent within φ_j of −t_j, by the scheme (`conformance.rules.exponents`);
2. ê_j = e^{−t_j + φ} (1 + ε), |ε| ≤ 2 k_e u, + τ: relative to e^{−t_j} at most
   θ_j = (1 + 2 k_e u) e^{φ_j} − 1; where ê_j is subnormal k_e ulp are τ = 2 k_e η (or
   η), and what may be flushed. Each of r_j rescalings by exp(m_old − m_new) adds a
   factor (1 + 2 k_e u)(1 + u); the pieces of its exponents add up to t_j. Maxima grow,
   so r_j is at most the number of different logits above x_j, where exp(0) is 1;
3. Ŝ: relative to S the terms' errors weigh ρ = Σ p_j θ_j, underflow adds at most 2 C τ
   (S ≥ 1; 4 C τ with rescalings), summation of height h γ_h of what is summed:
   R = (1 + ρ + 2 C τ)(1 + γ_h) − 1;
4. L̂ = log Ŝ (1 + 2 k_l u) + a: |L̂ − L| ≤ e = e_L + 2 k_l (u (L + e_L) + η) + a with
   e_L = −log1p(−R); a logarithm to base 2, times ln 2, has 2 u more;
5. `shift`, `exp2-…`: t̂_j + L̂, rounded, with t̂_j = t_j (1 + δ), |δ| ≤ u (0 where the
   difference is a number of the format):
   |result − (t_j + L)| ≤ (u t_j + e)(1 + u) + u (t_j + L);
   `lse`: (m + L̂) − x_j, rounded twice: with e' = e + u (|m + L| + e),
   |result − (t_j + L)| ≤ e' (1 + u) + u (t_j + L).

No term in x_max − x_min appears: Σ p_j t_j ≤ log C.

*Saturated rows.* If the row has one largest logit and the other exponentials together
are below u/4, every partial sum that contains the 1 rounds to 1: Ŝ = 1, L̂ = 0 exactly,
so e = L, and t̂_j − 0 needs no rounding. (This takes exp(0) = 1 and log(1) = 0 for
granted, so it is not for `exp2-fma`, which may raise 2 to another exponent than 0, nor
where `log` has an absolute error.) This is what makes rows [0, G] with a wide integer
gap G exact (rule S0), and where t_j ≥ 1 it is sharper than the general bound.

The softmax itself, in the same arithmetic, has relative error at most
expm1(B_j + 2 k_e u + 3 u) with B_j the bound of step 5, or φ_j + e_L where that is
larger (which holds for e^{log p}, for ê/Ŝ and for ê · (1/Ŝ)), plus what an exponential
loses by underflow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.exactness import UNKNOWN
from conformance.rules.exponents import Exponents, exponents
from conformance.rules.running import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.running import Floats

_NOT_ZERO = 2.0**-960  # stands for any smaller L > 0, and survives being scaled
_TAME = 0.25  # γ below it leaves u/4 below u/2 whatever the order of summation


@dataclass(frozen=True, eq=False)
class Softmax:
    """What a row's softmax is and how far a machine's may be from it.

    Attributes:
        surprise: −log p, `(n, C)`, as the log-softmax operation returns it.
        share: p, `(n, C)`, as a backward pass recovers it.
    """

    surprise: Running
    share: Running


@dataclass(frozen=True, eq=False)
class _Sum:
    """Steps 2 to 4, `(n, 1)` each but for the last.

    Attributes:
        causes: Cause → its part of e.
        small: Can the exponentials beside the largest be lost in the sum?
        void: Where R is so large that step 4 has no bound.
        log: e_L.
        rescaling: What rescalings add to the relative error of exponentials, `(n, C)`.
    """

    causes: dict[str, Floats]
    small: NDArray[np.bool_]
    void: NDArray[np.bool_]
    log: Floats
    rescaling: Floats


def softmax(x: Floats, arithmetic: Arithmetic) -> Softmax:
    """Return the bounds for rows `x`, `(n, C)`.

    Rows without a finite softmax get numbers without meaning: special values are
    settled before a bound is asked for.
    """
    with np.errstate(all="ignore"):
        row = exponents(x, arithmetic)
        total = _sum(row, arithmetic)
        surprise = _saturated(_surprise(row, total, arithmetic), row, total)
        stored = surprise.within(arithmetic).staged(arithmetic)
        share = _share(row, total, stored, arithmetic)
    return Softmax(stored, replace(share, lost=share.lost | row.lost | total.void))


def _sum(row: Exponents, ar: Arithmetic) -> _Sum:
    """Return the errors of steps 2 to 4."""
    classes = row.t.shape[1]
    gamma = ar.gamma(ar.height(classes))
    moved = _grown(row)
    shift = _total(moved) / (1 + row.s)
    rescaling = _rescaling(row, ar)
    scaled = _total((row.e + moved) * rescaling) / (1 + row.s)
    exp = ar.exp * (1 + shift) + (1 + ar.exp) * scaled
    exp = exp + (4 if ar.rescalings else 2) * classes * ar.tail
    summation = (1 + shift + exp) * gamma
    relative = shift + exp + summation
    void = ~(relative < 0.5)  # noqa: PLR2004 - past it step 4 says nothing useful
    e_l = -np.log1p(-np.where(void, 0.5, relative))
    per = e_l / np.where(void, 0.5, relative)
    u = ar.compute.u
    log = ar.log + (1 + ar.log) * (2 * u + u * u) if row.base else ar.log
    least = ar.log_absolute + ar.log / u * ar.compute.eta + ar.compute.flush
    causes = {
        "shift": per * shift,
        "exp": per * exp,
        "sum of exponentials": per * summation,
        "log": log * (row.log_s + e_l) + least,
    }
    others = (row.s + _total(moved)) * (1 + ar.exp)
    others = others * (1 + rescaling.max(axis=1, keepdims=True, initial=0.0))
    small = (others < ar.compute.u / 4) & (gamma < _TAME) & row.unit
    return _Sum(causes, small & (ar.log_absolute == 0), void, e_l, rescaling)


def _grown(row: Exponents) -> Floats:
    """Return e^{−t} (e^φ − 1)."""
    made = np.where(
        row.moved < 1,
        row.e * np.expm1(np.minimum(row.moved, 1.0)),
        np.exp(row.moved - np.where(row.reached, row.t, 0.0)),
    )
    return np.where(row.reached, made, 0.0)


def _total(a: Floats) -> Floats:
    total: Floats = a.sum(axis=1, keepdims=True)
    return total


def _rescaling(row: Exponents, ar: Arithmetic) -> Floats:
    """Return the relative error of an exponential by rescalings, `(n, C)`."""
    if not ar.rescalings:
        return np.zeros(row.t.shape)
    times = np.minimum(_larger(row.t) if row.unit else row.t.shape[1], ar.rescalings)
    per = np.log1p(ar.exp) + np.log1p(ar.compute.u)
    return np.broadcast_to(np.expm1(times * per), row.t.shape)


def _larger(t: Floats) -> Floats:
    """Return for each element the number of different smaller ones in its row."""
    order = np.argsort(t, axis=1)
    ascending = np.take_along_axis(t, order, axis=1)
    steps = np.diff(ascending, axis=1, prepend=ascending[:, :1]) > 0
    below = np.empty(t.shape)
    np.put_along_axis(below, order, np.cumsum(steps, axis=1), axis=1)
    return below


def _surprise(row: Exponents, total: _Sum, ar: Arithmetic) -> Running:
    """Return −log p with the errors of steps 1 to 5."""
    shape = row.t.shape
    result = Running.exact(np.where(row.reached, row.t + row.log_s, np.inf))
    result = replace(result, held=np.full(shape, UNKNOWN))
    causes = dict(total.causes)
    if ar.scheme == "lse":
        e = np.sum(list(causes.values()), axis=0)
        size = np.where(row.top == 0, 0.0, np.abs(row.top + row.log_s) + e)
        causes["log-sum-exp rounding"] = ar.compute.u * size
        over = ~(size <= ar.compute.largest)
        result = replace(result, lost=np.broadcast_to(over, shape))
    else:
        causes["shift"] = causes["shift"] + row.shifted
    for cause, amount in causes.items():
        amounts = np.broadcast_to(np.where(total.void, 0.0, amount), shape)
        result = result.plus_error(cause, np.where(row.reached, amounts, 0.0))
    rounding = np.where(row.reached, ar.compute.u * result.size, 0.0)
    result = result.plus_error("log-softmax rounding", rounding)
    if ar.compute.flush:
        lost = ar.compute.flushes(result.value, result.error)
        result = result.plus_error("flush", lost)
    return replace(result, lost=result.lost | row.lost | total.void)


def _saturated(general: Running, row: Exponents, total: _Sum) -> Running:
    """Return `general` with the sharper bound of saturated rows where t_j ≥ 1."""
    sharp = total.small & (row.t >= 1) & row.reached
    if not sharp.any():
        return general
    terms = {k: np.where(sharp, 0.0, v) for k, v in general.terms.items()}
    # L > 0, also where float64 has no number for it.
    terms["saturation"] = np.where(sharp, np.maximum(row.log_s, _NOT_ZERO), 0.0)
    general_shift = general.terms.get("shift", np.zeros(sharp.shape))
    terms["shift"] = np.where(sharp, row.shifted, general_shift)
    # The machine holds t, not t + L: `held` speaks of the machine, the error of L.
    exact = sharp & (row.shifted == 0)
    return replace(general, terms=terms, held=np.where(exact, row.gap.held, UNKNOWN))


def _share(
    row: Exponents, total: _Sum, stored: Running, arithmetic: Arithmetic
) -> Running:
    """Return p with the error of recovering it from what was stored."""
    p = row.e / (1 + row.s)
    exponent = np.maximum(stored.error, row.moved + total.log)
    exponent = np.where(row.reached & np.isfinite(exponent), exponent, 0.0)
    exponent = exponent + arithmetic.exp + total.rescaling + 3 * arithmetic.compute.u
    # p ≤ 1 and p̂ ≤ 1 + small: an error above 2 says nothing more than 2 does.
    amount = np.minimum(p * np.expm1(np.minimum(exponent, 700.0)), 2.0)
    small = 2 * arithmetic.compute.eta + 2 * arithmetic.tail
    result = Running.exact(np.where(np.isnan(p), 0.0, p))
    return result.plus_error("softmax", np.where(row.finite, amount + small, 0.0))
