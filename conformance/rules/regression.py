r"""The bounds of MAE and MSE and their gradients.

With d = x − y and n elements, every step of the definition is followed by
`conformance.rules.running`; first order, for distinct elements:

========================  ==============================================================
rule                      bound
========================  ==============================================================
MAE-NONE                  u_c d + u_o d + η_o
MAE-SUM, MAE-MEAN         Σ d (u_c + γ_h(u_a)) [÷ n, + 2 u_c] + u_o \|L\| + η_o
MSE-NONE                  d² · 3 u_c + η_c + u_o d² + η_o
MSE-SUM, MSE-MEAN         Σ (3 u_c d² + η_c + γ_h(u_a) d²) [÷ n, + 2 u_c]
                          + u_o \|L\| + η_o
MAE-GRAD                  2 u_c \|u/n\| for u/n, nothing for the sign; u_o \|g\| + η_o
MSE-GRAD                  5 u_c \|g\| (difference, u/n, two products); u_o \|g\| + η_o
========================  ==============================================================

Differences that are numbers of the compute format are exact (Sterbenz' lemma is the
best known case), and so are sums of multiples of one quantum (rule S0). A mean may be
the sum times fl(1/n): relative error (1 + u_c)² − 1 at most, nothing where n is a power
of two. It may also be a sum of quotients; so rule S0 is for means over 2^k elements.

Under `staged` the difference, its magnitude or square, the factor u/n and the product
are stored: u_o each, and η_o \|u\| where the product 2/n · d is stored before u is
multiplied in. A stored factor may lose u_o, and η_o where u makes it subnormal, but not
what a subnormal 2/n loses: the range of that factor is that of the compute format.

The factors 2, d, u and 1/n of MSE-GRAD may be multiplied in any order: 2 \|d u\| and
each of its factors must stay in range, and what a subnormal product of two loses is
scaled by the others.

Gradients of broadcast arguments are sums over the repeated positions: γ_h of the sum of
magnitudes, not of the (possibly cancelling) result.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.exactness import power_of_two
from conformance.rules.running import Running, difference

if TYPE_CHECKING:
    from conformance.rules.arithmetic import Arithmetic, Level
    from conformance.rules.running import Floats


def value(
    loss: str, x: Floats, y: Floats, reduction: str, arithmetic: Arithmetic
) -> Running:
    """Return the loss of broadcast `x` and `y` with its error."""
    terms = _terms(loss, x, y, arithmetic, final=reduction == "none")
    if reduction == "none":
        return terms.stored(arithmetic)
    height = arithmetic.row_height(x.size)
    if reduction == "sum":
        # All terms are positive: only before a division can too large be wrong.
        return terms.summed(arithmetic, height).stored(arithmetic)
    n = count(x.size, arithmetic)
    return averaged(terms, n, arithmetic, height).stored(arithmetic)


def averaged(
    terms: Running, divisor: Running, arithmetic: Arithmetic, height: int
) -> Running:
    """Return Σ terms / divisor, unstored, also as Σ (terms / divisor).

    Divided first, the addends are others, and their sum is exact only if dividing is:
    by a power of two. Then the quotients of n terms may each be subnormal. As a product
    with the rounded reciprocal there is one rounding more, also of each term.
    """
    ar = arithmetic
    # Dividing by a power of two rounds nothing.
    simple = bool(power_of_two(divisor.held))
    total = terms.within(ar).summed(ar, height, exactly=simple).within(ar)
    made = total.over(divisor, ar).rounded(ar.compute, "division")
    weight = terms.size.sum()
    if not simple:
        apart = 2 * ar.compute.u * (weight - total.size) / np.abs(divisor.value)
        made = made.plus_error("division", np.maximum(apart, 0.0))
    return made.plus_error("underflow", _subnormal_quotients(terms, divisor, ar))


def _subnormal_quotients(
    terms: Running, divisor: Running, arithmetic: Arithmetic
) -> Floats:
    """Return what terms / divisor lose where they are subnormal."""
    levels = {arithmetic.compute, arithmetic.sums}
    emin = max(level.format.emin for level in levels)
    # Twice the smallest normal number: the machine's quotient is not exactly ours.
    edge = 2.0 ** (emin + 1) * np.abs(divisor.value)
    small = (np.abs(terms.value) < edge) & (terms.value != 0)
    lost = sum(level.eta + level.flush for level in levels)
    return np.asarray(small.sum() * lost, dtype=np.float64)


def _terms(
    loss: str, x: Floats, y: Floats, arithmetic: Arithmetic, *, final: bool
) -> Running:
    d = difference(x, y, arithmetic).rounded(arithmetic.compute, "difference")
    d = d.staged(arithmetic).magnitude()
    if loss == "mae":
        return d
    square = d.times(d, arithmetic, "square")
    return square if final else square.staged(arithmetic)


def count(n: int, arithmetic: Arithmetic) -> Running:
    """Return n as the machine holds it: rounded if it is wider than the format."""
    made = Running.exact(np.array(float(n))).rounded(arithmetic.compute, "count")
    return made.within(arithmetic)


def factor(upstream: Floats, n: int | None, arithmetic: Arithmetic) -> Running:
    """Return u, or u/n for `mean`; a reciprocal first costs a second rounding."""
    made = Running.argument(upstream, arithmetic)
    if n is None:
        return made
    made = made.over(count(n, arithmetic), arithmetic, "upstream / n")
    made = made.rounded(arithmetic.compute, "upstream / n").within(arithmetic)
    if not arithmetic.stages:
        return made
    # Relative only where 2/n is subnormal: that is not excused. If 2/n is the factor
    # and u comes last, the product with u is stored too, unless u is a power of two.
    last = 1 if np.all(power_of_two(upstream) | (upstream == 0)) else 2
    storage = arithmetic.storage
    eta = storage.eta if 2 / max(n, 1) >= 2.0**storage.format.emin else 0.0
    return made.rounded(storage, "stages", times=last, underflow=last * eta)


def gradient(
    loss: str,
    x: Floats,
    y: Floats,
    scale: Running,
    shape: tuple[int, ...],
    arithmetic: Arithmetic,
    upstream: Floats | None,
) -> Running:
    """Return the gradient by the argument of `shape`, up to sign, with its error.

    Args:
        loss: `mae` or `mse`.
        x: Input, broadcast.
        y: Target, broadcast.
        scale: What `factor` returns, broadcast.
        shape: Of the argument; where it is smaller, broadcast positions are summed.
        arithmetic: The contract.
        upstream: u, broadcast, for `mean`: multiplied in last, it scales what the
            product before it lost by underflow.
    """
    d = difference(x, y, arithmetic)
    terms = (
        _signs(d, scale, arithmetic)
        if loss == "mae"
        else _doubled(d, scale, arithmetic, upstream)
    )
    if shape != x.shape:
        terms = collected(
            terms.within(arithmetic).staged(arithmetic), shape, arithmetic
        )
    return terms.stored(arithmetic)


def _signs(d: Running, scale: Running, arithmetic: Arithmetic) -> Running:
    """Return sign(d) · u/n, or · u."""
    terms = scale.scaled(np.sign(np.nan_to_num(d.value)))
    # Of a difference that is flushed the sign is 0. Two flushed arguments may be
    # twice the smallest normal number apart.
    gone = np.abs(d.value) < 2 * arithmetic.storage.flush
    return terms.plus_error("flush", np.where(gone, np.abs(terms.value), 0.0))


def _doubled(
    d: Running, scale: Running, arithmetic: Arithmetic, upstream: Floats | None
) -> Running:
    """Return 2 d · u/n, or 2 d · u, in whatever order the factors are multiplied."""
    d = d.rounded(arithmetic.compute, "difference").within(arithmetic)
    doubled = d.staged(arithmetic).scaled(2.0).within(arithmetic)
    u = np.abs(scale.value if upstream is None else upstream)
    # 2 u may come first; and a difference 0 does not excuse it: 0 · inf is nan.
    reach = 2 * np.maximum(1.0, d.size) * np.maximum(1.0, u)
    doubled = replace(doubled, lost=doubled.lost | ~(reach <= arithmetic.largest))
    terms = doubled.times(scale, arithmetic)
    # (2/n · d) · u and 2 d · (u/n) differ by one product; so does (2 d · u)/n.
    compute = arithmetic.compute
    terms = terms.rounded(compute, "product", underflow=compute.eta)
    if upstream is None:
        terms = _doubled_last(terms, (d.value, u), arithmetic)
    else:
        terms = _underflow(terms, upstream, arithmetic)
        # d/n is no 1, though d may be; where d is 0 there is nothing to lose.
        quotient = np.where(d.value == 0, 0.0, np.nan)
        terms = _doubled_last(terms, (quotient, u), arithmetic)
    return terms.staged(arithmetic)


def _doubled_last(
    terms: Running, factors: tuple[Floats, Floats], arithmetic: Arithmetic
) -> Running:
    """Return 2 d u with what d · u loses where it is subnormal before it is doubled."""
    some = np.ones(terms.value.shape, dtype=np.bool_)
    for factor in factors:
        some &= (factor != 0) & (np.abs(factor) != 1)
    losses = [(arithmetic.compute, arithmetic.underflow)]
    if arithmetic.stages:
        losses.append((arithmetic.storage, arithmetic.stored_underflow))
    for level, eta in losses:
        small = some & (np.abs(terms.value) < 2.0 ** (level.format.emin + 2))
        terms = terms.plus_error("underflow", np.where(small, 2 * eta, 0.0))
    return terms


def _underflow(terms: Running, upstream: Floats, arithmetic: Arithmetic) -> Running:
    """Return 2/n · d · u with the 2 η |u| that d/n may lose where it is subnormal.

    Under `staged` that quotient is stored, and may be subnormal in the storage format.
    """
    # Doubled last: (1/n · d) · 2 u, also as a sum of two such, and where u is 1.
    lost = 2 * arithmetic.underflow
    terms = _lost_before(terms, upstream, arithmetic.compute, lost)
    if arithmetic.stages:
        storage = arithmetic.storage
        lost = 2 * arithmetic.stored_underflow
        terms = _lost_before(terms, upstream, storage, lost)
    return terms


def _lost_before(terms: Running, upstream: Floats, level: Level, eta: float) -> Running:
    u = np.abs(upstream)
    # Twice the smallest normal number: the machine's 2/n · d is not exactly ours.
    small = np.abs(terms.value) < u * 2.0 ** (level.format.emin + 1)
    lost = small & (terms.value != 0)
    return terms.plus_error("underflow", np.where(lost, u * eta, 0.0))


def collected(
    terms: Running, shape: tuple[int, ...], arithmetic: Arithmetic
) -> Running:
    """Sum over the positions that each element of `shape` was repeated to."""
    full = terms.value.shape
    size = math.prod(shape)
    owner = np.broadcast_to(np.arange(size).reshape(shape), full).ravel()
    order = np.argsort(owner, kind="stable")
    repeats = math.prod(full) // size if size else 0

    def arrange(a: Floats) -> Floats:
        flat: Floats = np.broadcast_to(a, full).ravel()[order].reshape(size, repeats)
        return flat

    arranged = Running(
        arrange(terms.value),
        {k: arrange(v) for k, v in terms.terms.items()},
        arrange(terms.held),
        np.broadcast_to(terms.lost, full).ravel()[order].reshape(size, repeats),
    )
    total = arranged.summed(arithmetic, arithmetic.row_height(repeats), last_axis=True)
    return Running(
        total.value.reshape(shape),
        {k: v.reshape(shape) for k, v in total.terms.items()},
        total.held.reshape(shape),
        total.lost.reshape(shape),
    )
