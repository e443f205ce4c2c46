r"""How far the exponents of log-softmax may be from −t_j, by scheme.

With m = max x, t_j = m − x_j, unit roundoff u and ĉ = fl(log2 e), a relative error of u
at most, the machine raises

==========  ============================  ==============================================
scheme      exponent                      φ_j, natural
==========  ============================  ==============================================
shift, lse  e: x_j − m                    u t
exp2-diff   2: (x_j − m) · ĉ              ((1 + u)³ − 1) t
exp2-sep    2: x_j · ĉ − m · ĉ            (u (\|x_j\| + \|m\|) + 2 u t)(1 + u)²
exp2-fma    2: fma(x_j, ĉ, −fl(m · ĉ))    (u \|m\| + 2 u t)(1 + u)²
==========  ============================  ==============================================

In `exp2-sep` the two products are the same where x_j = m, so φ = 0 there; in `exp2-fma`
they are not, so that the largest exponential need not be 1. A difference that is a
number of the format has no error. Derivation for `exp2-sep`, natural units:
(x_j (1 + δ_1) − m (1 + δ_2))(1 + δ_c)(1 + δ_3) + t_j is at most
t ((1 + u)² − 1) + u (\|x_j\| + \|m\|)(1 + u)², and 2 u + u² ≤ 2 u (1 + u)²; `exp2-fma`
has no δ_1. With r rescalings each of r + 1 pieces has such an error, of numbers between
x_j and m.
Products that are subnormal lose η each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.running import Running, difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.running import Floats

_LOG2_E = 1.4427


@dataclass(frozen=True, eq=False)
class Exponents:
    """Rows of exponents and their errors.

    Attributes:
        top: m, `(n, 1)`.
        gap: t, with the machine's difference where it is exact.
        t: t as numbers; inf at −inf and where float64 overflows.
        e: e^{−t}.
        s: S − 1, cancellation-free: one largest term is left out, `(n, 1)`.
        log_s: L, `(n, 1)`.
        shifted: Absolute error of the difference t̂, u t, or 0 where it is exact.
        moved: φ, that of the exponent, in natural units.
        reached: Where t is a finite float64.
        finite: Where x is finite; then p > 0, however small.
        lost: Where a product leaves the range of the compute format, `(n, 1)`.
        unit: Is the largest exponential exactly 1?
        base: Is the base 2?
    """

    top: Floats
    gap: Running
    t: Floats
    e: Floats
    s: Floats
    log_s: Floats
    shifted: Floats
    moved: Floats
    reached: NDArray[np.bool_]
    finite: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    unit: bool
    base: bool


def exponents(x: Floats, arithmetic: Arithmetic) -> Exponents:
    """Return the exponents of rows `x`, `(n, C)`."""
    top = np.max(x, axis=1, keepdims=True, initial=-np.inf)
    gap = difference(np.broadcast_to(top, x.shape), x, arithmetic)
    t = np.where(np.isfinite(x), gap.value, np.inf)
    reached = np.isfinite(t)
    e = np.exp(-t)
    left_out = np.zeros(x.shape, dtype=np.bool_)
    if x.size:
        left_out[np.arange(len(x)), np.argmax(t == 0, axis=1)] = True
    s = np.where(left_out, 0.0, e).sum(axis=1, keepdims=True)
    shifted = np.where(reached, _difference_error(gap, t, arithmetic), 0.0)
    moved, lost = _moved(x, top, t, shifted, arithmetic)
    return Exponents(
        top,
        gap,
        t,
        e,
        s,
        np.log1p(s),
        shifted,
        np.where(reached, moved, 0.0),
        reached,
        np.isfinite(x),
        np.any(lost & np.isfinite(x), axis=1, keepdims=True),
        arithmetic.scheme != "exp2-fma",
        arithmetic.scheme.startswith("exp2"),
    )


def _difference_error(gap: Running, t: Floats, arithmetic: Arithmetic) -> Floats:
    exact = arithmetic.compute.holds(gap.held)
    made = np.where(exact, 0.0, arithmetic.compute.u * t)
    if not arithmetic.compute.flush:
        return made
    # Equal logits are flushed alike.
    made = made + gap.error + arithmetic.compute.flushes(t, gap.error)
    return np.where(t == 0, 0.0, made)


def _moved(
    x: Floats, top: Floats, t: Floats, shifted: Floats, arithmetic: Arithmetic
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return φ, and where a product overflows."""
    u, scheme = arithmetic.compute.u, arithmetic.scheme
    inside = np.zeros(x.shape, dtype=np.bool_)
    if scheme in ("shift", "lse"):
        return shifted, inside
    small = 4 * (arithmetic.compute.eta + arithmetic.storage.flush)
    grown = (1 + u) ** 2
    if scheme == "exp2-diff":
        made = shifted * grown + (2 * u + u * u) * t + small
        return np.where(t == 0, 0.0, made), inside
    separate = scheme == "exp2-sep"
    size = np.abs(np.broadcast_to(top, x.shape))
    largest = np.maximum(size, np.abs(x))
    pieces = 1 + min(arithmetic.rescalings, max(x.shape[1] - 1, 0))
    products = size + np.abs(x) if separate else size
    if pieces > 1:  # each between two maxima met on the way from x_j to m
        products = pieces * (1 + separate) * largest
    made = grown * u * (products + 2 * t) + pieces * small
    lost = largest * _LOG2_E > arithmetic.compute.largest / 2
    return np.where((t == 0) & separate, 0.0, made), lost
