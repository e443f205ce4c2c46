r"""The bound of log-softmax in the scheme `shift`, the heart of all cross-entropy.

With m = max x, t_j = m − x_j, S = Σ e^{−t}, L = log S, −log p_j = t_j + L, in a format
with unit roundoff u, the machine computes

1. t̂_j = t_j (1 + δ), |δ| ≤ u (0 where the difference is a number of the format);
2. ê_j = e^{−t̂_j} (1 + ε), |ε| ≤ 2 k_e u, + η: relative to e^{−t_j} at most
   θ_j = (1 + 2 k_e u) e^{u t_j} − 1, since e^{−t_j δ} ≤ e^{u t_j};
3. Ŝ: relative to S the terms' errors weigh ρ = Σ p_j θ_j, underflow adds at most 2 C η
   (S ≥ 1), summation of height h γ_h of what is summed:
   R = (1 + ρ + 2 C η)(1 + γ_h) − 1;
4. L̂ = log Ŝ (1 + 2 k_l u): |L̂ − L| ≤ e = e_L + 2 k_l u (L + e_L), e_L = −log1p(−R);
5. t̂_j + L̂, rounded: |result − (t_j + L)| ≤ (u t_j + e)(1 + u) + u (t_j + L).

No term in x_max − x_min appears: Σ p_j t_j ≤ log C.

*Saturated rows.* If the row has one largest logit and the other exponentials together
are below u/4, every partial sum that contains the 1 rounds to 1: Ŝ = 1, L̂ = 0 exactly,
so e = L, and t̂_j − 0 needs no rounding. (This takes exp(0) = 1 and log(1) = 0 for
granted.) This is what makes rows [0, G] with a wide integer gap G exact (rule S0), and
where t_j ≥ 1 it is sharper than the general bound.

The softmax itself, in the same arithmetic, has relative error at most
expm1(B_j + 2 k_e u + 3 u) with B_j the bound of step 5 (which holds for e^{log p}, for
ê/Ŝ and for ê · (1/Ŝ)), plus what an exponential loses by underflow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.running import UNKNOWN, Running, difference

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
class _Row:
    """What steps 1 to 4 share, for all rows at once.

    Attributes:
        gap: t, with the machine's difference where it is exact.
        t: t as numbers; inf at −inf and where float64 overflows.
        e: e^{−t}.
        s: S − 1, cancellation-free: one largest term is left out, `(n, 1)`.
        log_s: L, `(n, 1)`.
        shifted: Step 1's absolute error, u t, or 0 where the difference is exact.
        reached: Where t is a finite float64.
        finite: Where x is finite; then p > 0, however small.
    """

    gap: Running
    t: Floats
    e: Floats
    s: Floats
    log_s: Floats
    shifted: Floats
    reached: NDArray[np.bool_]
    finite: NDArray[np.bool_]


def softmax(x: Floats, arithmetic: Arithmetic) -> Softmax:
    """Return the bounds for rows `x`, `(n, C)`.

    Rows without a finite softmax get numbers without meaning: special values are
    settled before a bound is asked for.
    """
    with np.errstate(all="ignore"):
        row = _prepare(x, arithmetic)
        surprise, void = _surprise(row, arithmetic)
        stored = surprise.within(arithmetic).staged(arithmetic)
        share = _share(row, stored, arithmetic)
    return Softmax(stored, replace(share, lost=share.lost | void))


def _prepare(x: Floats, arithmetic: Arithmetic) -> _Row:
    top = np.max(x, axis=1, keepdims=True, initial=-np.inf)
    gap = difference(np.broadcast_to(top, x.shape), x)
    t = np.where(np.isfinite(x), gap.value, np.inf)
    reached = np.isfinite(t)
    e = np.exp(-t)
    left_out = np.zeros(x.shape, dtype=np.bool_)
    if x.size:
        left_out[np.arange(len(x)), np.argmax(t == 0, axis=1)] = True
    s = np.where(left_out, 0.0, e).sum(axis=1, keepdims=True)
    exact = arithmetic.compute.holds(gap.held)
    shifted = np.where(exact | ~reached, 0.0, arithmetic.compute.u * t)
    return _Row(gap, t, e, s, np.log1p(s), shifted, reached, np.isfinite(x))


def _surprise(row: _Row, arithmetic: Arithmetic) -> tuple[Running, NDArray[np.bool_]]:
    """Return −log p with the errors of steps 1 to 5, and where step 4 has no bound."""
    shape = row.t.shape
    gamma = arithmetic.gamma(arithmetic.height(shape[1]))
    moved = np.where(
        row.shifted < 1,
        row.e * np.expm1(np.minimum(row.shifted, 1.0)),
        np.exp(row.shifted - np.where(row.reached, row.t, 0.0)),
    )
    shift = np.where(row.reached, moved, 0.0).sum(axis=1, keepdims=True) / (1 + row.s)
    exp = arithmetic.exp * (1 + shift)
    exp = exp + 2 * shape[1] * (arithmetic.compute.eta + arithmetic.flushed)
    summation = (1 + shift + exp) * gamma
    relative = shift + exp + summation
    void = ~(relative < 0.5)  # noqa: PLR2004 - past it step 4 says nothing useful
    e_l = -np.log1p(-np.where(void, 0.5, relative))
    per = e_l / np.where(void, 0.5, relative)
    causes = {
        "shift": row.shifted + per * shift,
        "exp": per * exp,
        "sum of exponentials": per * summation,
        "log": arithmetic.log * (row.log_s + e_l),
    }
    result = Running.exact(np.where(row.reached, row.t + row.log_s, np.inf))
    result = replace(result, held=np.full(shape, UNKNOWN))
    for cause, amount in causes.items():
        amounts = np.broadcast_to(np.where(void, 0.0, amount), shape)
        result = result.plus_error(cause, np.where(row.reached, amounts, 0.0))
    rounding = np.where(row.reached, arithmetic.compute.u * result.size, 0.0)
    result = result.plus_error("log-softmax rounding", rounding)
    lost = np.broadcast_to(void, shape)
    result = replace(result, lost=lost)
    return _saturated(result, row, gamma, arithmetic), lost


def _saturated(
    general: Running, row: _Row, gamma: float, arithmetic: Arithmetic
) -> Running:
    """Return `general` with the sharper bound of saturated rows where t_j ≥ 1."""
    quiet = (row.s < arithmetic.compute.u / 4) & (gamma < _TAME)
    sharp = quiet & (row.t >= 1) & row.reached
    if not sharp.any():
        return general
    terms = {k: np.where(sharp, 0.0, v) for k, v in general.terms.items()}
    # L > 0, also where float64 has no number for it.
    terms["saturation"] = np.where(sharp, np.maximum(row.log_s, _NOT_ZERO), 0.0)
    terms["shift"] = np.where(sharp, row.shifted, general.terms.get("shift", 0.0))
    # The machine holds t, not t + L: `held` speaks of the machine, the error of L.
    exact = sharp & arithmetic.compute.holds(row.gap.held)
    return replace(general, terms=terms, held=np.where(exact, row.gap.held, UNKNOWN))


def _share(row: _Row, stored: Running, arithmetic: Arithmetic) -> Running:
    """Return p with the error of recovering it from what was stored."""
    p = row.e / (1 + row.s)
    exponent = np.where(row.reached & np.isfinite(stored.error), stored.error, 0.0)
    exponent = exponent + arithmetic.exp + 3 * arithmetic.compute.u
    # p ≤ 1 and p̂ ≤ 1 + small: an error above 2 says nothing more than 2 does.
    amount = np.minimum(p * np.expm1(np.minimum(exponent, 700.0)), 2.0)
    small = 4 * arithmetic.compute.eta + 2 * arithmetic.flushed
    result = Running.exact(np.where(np.isnan(p), 0.0, p))
    return result.plus_error("softmax", np.where(row.finite, amount + small, 0.0))
