r"""The bounds of the Hessian-vector product H v and of forward mode J v.

Both are sums of products that may be formed in any order, by a closed formula or by
differentiating a program once more; what all of these share is the *scale* at which
they round. With u the unit roundoffs of `conformance.rules.arithmetic`, M = Σ_k p_k
\|v_k\|, r_k the relative error of p_k, κ = s a and E = Σ \|e_c\|, to first order:

========  ==============================================================================
rule      bound
========  ==============================================================================
MAE-HVP   0: slopes are constant, and 0 · v is exact
MSE-HVP   5 u_c \|h\| for 2 v u/n (n, 1/n, products), + γ_h Σ \|h\| over broadcast
          copies, + u_o \|H v\| + η_o
MAE-JVP   2 u_c Σ \|v\|/n + γ_h Σ \|v\|/n, + u_o \|J v\| + η_o; without `mean` no 2 u_c
MSE-JVP   as MAE-JVP for 2 d v, with 3 u_c more: the difference, products
CE-HVP    \|κ\| p_j (\|v_j\| + M) (r_j + error of κ / κ) + \|κ\| p_j Σ_k p_k r_k \|v_k\|
          + (10 u_c + γ_{C−1}) \|κ\| p_j (\|v_j\| + M + \|v_m\|) + u_o \|H v\| + η_o
CE-JVP    a row: E Σ_k p_k r_k \|v_k\| + Σ_c (error of e_c) (\|v_c\| + M)
          + (5 u_c + γ_{C−1}) (E M + Σ \|e_c v_c\|), 2 γ where a row is a sum over
          classes; for `sum` Σ_n of it, + γ_{N−1} Σ_n; for `mean` ÷ \|W\| as CE-MEAN
========  ==============================================================================

*Why p_j (\|v_j\| + M) and not p_j \|v_j − Σ p v\|.* p v and p Σ p v may be rounded
before they are subtracted, with a p that was computed twice. So in torch, whose second
backward of log-softmax forms q = −p v Σ g first, and then q − p Σ q.

*v_m* is v at the largest logit: where the shift x − m is differentiated as well, v_j −
v_m takes the place of v_j. It adds to M in CE-HVP.

*Counting u_c of CE-HVP.* Along the path of v_j: p v, times κ, which may be two factors,
times 1/W, and the subtraction; along that of M: p v, p times the sum, κ and so on, and
for the shift two subtractions more. Ten cover both together.

*Stages.* Eager torch in a half format stores after every public operation. For H v:
p, Σ g, their product, its product with v: 4 u_o at the scale \|κ\| p (\|v\| + M). A
composition of the closed formula by public operations stores p, v − m, two products
with it and κ, and before that, on the way to m, p v and the sum: 5 at \|v_j\|, 8 at M.
Forward mode of log-softmax is v − Σ e^{x−m} v / Σ e^{x−m}: the shift, the exponentials,
their products with v, both sums, the quotient and the difference are stored. So p is
bounded there by `_quotient` too: r_k = u_o t_k + Σ p t u_o + 3 u_o. The loss after it
stores as often as that of the value: 4 for one term a row, 10 for a sum over classes.

A product that leaves the range of the storage format between stages promises nothing:
the composition is what `staged` documents, and which product overflows is its choice.

*Sharpness.* Machines of 5 to 9 bits that err as badly as allowed reach 0.3 to 0.5 of
the bounds of cross-entropy and 0.7 to 1 of those of MAE and MSE.

*Range.* As in `conformance.rules.cross_entropy`, any subset of the factors may be
multiplied first: it must stay in range, and what it loses below is scaled by the
others that exceed 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.rules.cross_entropy_parts import Parts
from conformance.rules.regression import collected, count
from conformance.rules.running import Running, difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic, Level
    from conformance.rules.running import Floats

    Flags = NDArray[np.bool_]

_SUMMANDS: Final = 4  # v_j, v_m, Σ p v and what rounding adds to them
_HVP_ROUNDINGS: Final = 10
_HVP_STORES: Final = (5, 8)  # at |v_j| and at M
_JVP_ROUNDINGS: Final = 5
_JVP_STORES: Final = (4, 10)  # one term a row, a sum over classes


def regression_hvp(
    loss: str,
    v: Floats,
    up: Floats,
    shape: tuple[int, ...],
    arithmetic: Arithmetic,
    *,
    mean: bool,
) -> Running:
    """Return H v of MAE or MSE by the input of `shape`.

    Args:
        loss: `mae` or `mse`.
        v: The direction, broadcast against the target.
        up: The cotangent, broadcast.
        shape: Of the input; where it is smaller, broadcast positions are summed.
        arithmetic: The contract.
        mean: Is it the mean's?
    """
    if loss == "mae":
        return Running.exact(np.zeros(shape))
    with np.errstate(all="ignore"):
        terms = Running.exact(v).times(Running.exact(up), arithmetic).scaled(2.0)
        before = terms.size.sum()
        if mean:
            terms = _shared(terms, v.size, 2, arithmetic)
        share = np.asarray(1.0 / max(v.size, 1) if mean else 1.0)
        terms = _in_any_order(terms, (v, up, share, np.asarray(2.0)), arithmetic)
        if shape != v.shape:
            terms = collected(terms.within(arithmetic), shape, arithmetic)
            if mean:
                terms = _summed_first(terms, before, arithmetic)
        return terms.stored(arithmetic)


def regression_jvp(
    loss: str, x: Floats, y: Floats, v: Floats, reduction: str, arithmetic: Arithmetic
) -> Running:
    """Return J v of MAE or MSE of broadcast `x` and `y` along the broadcast `v`."""
    with np.errstate(all="ignore"):
        mean, d = reduction == "mean", difference(x, y, arithmetic)
        share = np.asarray(1.0 / max(v.size, 1) if mean else 1.0)
        if loss == "mae":
            terms = Running.exact(v).scaled(np.sign(np.nan_to_num(d.value)))
            factors: tuple[Floats, ...] = (v, share)
        else:
            d = d.rounded(arithmetic.compute, "difference").staged(arithmetic)
            terms = d.scaled(2.0).within(arithmetic).times(Running.exact(v), arithmetic)
            factors = (d.value, v, share, np.asarray(2.0))
        before = terms.size.sum()
        if mean:
            terms = _shared(terms, v.size, len(factors) // 2, arithmetic)
        terms = _in_any_order(terms, factors, arithmetic)
        if reduction != "none":
            terms = terms.within(arithmetic)
            terms = terms.summed(arithmetic, arithmetic.row_height(v.size))
        if mean:
            terms = _summed_first(terms, before, arithmetic)
        return terms.stored(arithmetic)


def _summed_first(made: Running, before: Floats, arithmetic: Arithmetic) -> Running:
    """Return a mean, lost where a sum that is divided last leaves the range."""
    level = arithmetic.storage if arithmetic.stages else arithmetic.compute
    largest = min(level.largest, arithmetic.sums.largest)
    return replace(made, lost=made.lost | ~(before <= largest))


def _shared(terms: Running, n: int, numbers: int, arithmetic: Arithmetic) -> Running:
    """Return products of some numbers over n.

    With 1/n as one more factor that comes first, each number rounds once, whether or
    not the product of the numbers would be exact.
    """
    made = terms.over(count(n, arithmetic), arithmetic)
    return made.rounded(arithmetic.compute, "division", times=numbers)


def _in_any_order(
    terms: Running, factors: tuple[Floats, ...], arithmetic: Arithmetic
) -> Running:
    """Return products with what their factors lose on the way, stages included."""
    large = _product(factors, np.maximum)
    levels = [(arithmetic.compute, 0, arithmetic.underflow)]
    if arithmetic.stages and arithmetic.storage != arithmetic.compute:
        stores = min(len(factors), 3)  # doubling needs none
        levels.append((arithmetic.storage, stores, arithmetic.storage.eta))
    for level, stores, eta in levels:
        cause = "stages" if stores else "underflow"
        if stores:
            terms = terms.rounded(level, cause, times=stores)
        small = _product(factors, np.minimum) < 2.0 ** (level.format.emin + 1)
        lost = np.where(small, len(factors) * eta * large, 0.0)
        live = np.all(np.broadcast_arrays(*(f != 0 for f in factors)), axis=0)
        terms = terms.plus_error(cause, np.where(live, lost, 0.0))
        # A factor 0 does not excuse an overflow: 0 · inf is nan.
        terms = replace(terms, lost=terms.lost | ~(large <= level.largest))
    return terms


def _product(factors: tuple[Floats, ...], limit: np.ufunc) -> Floats:
    """Return the product of those factors that exceed 1, or that are below it."""
    made: Floats = np.ones(())
    for factor in factors:
        made = made * limit(np.abs(factor), 1.0)
    return made


@dataclass(frozen=True, eq=False)
class DirectionRules(Parts):
    """The bounds of cross-entropy along a direction, under one contract.

    Attributes:
        v: The direction as rows, `(n, C)`.
    """

    v: Floats

    @cached_property
    def share(self) -> Running:
        """The softmax p, by whichever way to it is the worst."""
        share = self.softmax.share
        if not self._stored:
            return share
        error = np.maximum(
            share.error, _quotient(self.rows.x, share.value, self.arithmetic)
        )
        return replace(share, terms={"softmax": error})

    @property
    def _stored(self) -> bool:
        return self.arithmetic.stages and self._storage != self.arithmetic.compute

    @property
    def _storage(self) -> Level:
        return self.arithmetic.storage

    @cached_property
    def _mean(self) -> Floats:
        """Σ_k p_k |v_k|, `(n, 1)`."""
        return self._summed(self.share.size * np.abs(self.v))

    @cached_property
    def _moved(self) -> Floats:
        """Σ_k (error of p_k) |v_k|, `(n, 1)`."""
        return self._summed(self.share.error * np.abs(self.v))

    def _summed(self, terms: Floats) -> Floats:
        total: Floats = terms.sum(axis=1, keepdims=True)
        return total

    @cached_property
    def _gamma(self) -> float:
        ar = self.arithmetic
        return ar.gamma(ar.height(self.rows.classes))

    def hvp(self) -> Running:
        """Return H v, `(n, C)`."""
        with np.errstate(all="ignore"):
            ar, p, v = self.arithmetic, self.share, np.abs(self.v)
            (_, kappa), rows = self.cotangent(), self.rows
            size, centred = kappa.size, self.v - self._summed(p.value * self.v)
            mean = self._mean + self._at_top
            scale = size * p.size * (v + mean)
            made = Running.exact(kappa.value * p.value * centred)
            made = replace(made, lost=kappa.lost | p.lost)
            moved = p.error * (v + mean) + p.size * self._moved
            causes = {
                "softmax": size * moved,
                "weights": kappa.error * p.size * (v + mean),
                "product": _HVP_ROUNDINGS * ar.compute.u * scale,
                "summation": self._gamma * size * p.size * mean,
            }
            if self._stored:
                own, shared = (n * self._storage.u for n in _HVP_STORES)
                causes["stages"] = size * p.size * (own * v + shared * mean)
            live = self._live & (size > 0)
            for cause, amount in causes.items():
                made = made.plus_error(cause, np.where(live, amount, 0.0))
            made = self._ranged(made, live)
            return _rows_only(made, rows.valid).stored(ar)

    @cached_property
    def _at_top(self) -> Floats:
        """|v| at a largest logit, `(n, 1)`."""
        x = self.rows.x
        if not x.size:
            return np.zeros((len(x), 1))
        top = np.where(x == x.max(axis=1, keepdims=True), np.abs(self.v), 0.0)
        return np.asarray(top.max(axis=1, keepdims=True))

    @cached_property
    def _live(self) -> Flags:
        """Which rows have a direction other than 0, `(n, 1)`: 0 rounds to 0."""
        return np.asarray((self.v != 0).any(axis=1, keepdims=True), dtype=np.bool_)

    def _ranged(self, made: Running, live: Flags) -> Running:
        """Return rows with what products of any order lose below and above."""
        rows, ar = self.rows, self.arithmetic
        mass = rows.large.sum(axis=1, keepdims=True)
        largest = np.abs(self.v).max(axis=1, keepdims=True, initial=1.0)
        factors = self.factors(mass) * largest
        steps = rows.classes + _HVP_ROUNDINGS
        lost = ~(_SUMMANDS * factors <= ar.compute.largest)
        made = made.plus_error(
            "underflow", np.where(live, steps * ar.underflow * factors, 0.0)
        )
        if self._stored:
            lost |= ~(_SUMMANDS * factors <= self._storage.largest)
            # Each store may lose η; those on the way to the sum are weighed by p.
            amount = sum(_HVP_STORES) * self._storage.eta * factors
            weighed = amount * (1 + self.share.size * rows.classes)
            made = made.plus_error("stages", np.where(live, weighed, 0.0))
        return replace(made, lost=made.lost | lost)

    def jvp(self) -> Running:
        """Return J v: `(n,)` for `none`, else a scalar."""
        with np.errstate(all="ignore"):
            rows, ar = self.rows, self.arithmetic
            terms = _rows_only(self._row_slopes(), rows.valid)
            if rows.reduction == "none":
                return terms.stored(ar)
            n = int(rows.valid.sum())
            total = terms.within(ar).summed(ar, ar.row_height(n)).within(ar)
            w = rows.denominator(ar)
            if w is not None:
                if ar.stages and rows.weight is not None:
                    w = w.staged(ar)
                total = self.divided(total, w)
            return total.stored(ar)

    def _row_slopes(self) -> Running:
        """Return Σ_c e_c (Σ_k p_k v_k − v_c) of each row, unstored."""
        rows, ar = self.rows, self.arithmetic
        e, p, v = self.effective(), self.share, np.abs(self.v)
        mass = self._summed(rows.parts + e.error)
        own = self._summed((rows.parts + e.error) * v)
        scale = mass * self._mean + own
        mean = self._summed(p.value * self.v)
        value = self._summed(e.value * (mean - self.v))
        made = Running.exact(value[:, 0])
        twice = 1 if rows.plain else 2
        causes = {
            "softmax": mass * self._moved,
            "weights": self._summed(e.error * (v + self._mean)),
            "product": _JVP_ROUNDINGS * ar.compute.u * scale,
            "sum over classes": twice * self._gamma * scale,
        }
        if self._stored:
            stores = _JVP_STORES[not rows.plain]
            causes["stages"] = stores * self._storage.u * scale
        live = self._live & (mass > 0)
        for cause, amount in causes.items():
            made = made.plus_error(cause, np.where(live, amount, 0.0)[:, 0])
        lost = (p.lost | e.lost).any(axis=1, keepdims=True)
        made = replace(made, lost=(live & lost)[:, 0])
        return self._row_range(made, live)

    def _row_range(self, made: Running, live: Flags) -> Running:
        rows, ar = self.rows, self.arithmetic
        few = rows.classes + _HVP_ROUNDINGS
        mass = np.maximum(1.0, rows.large.sum(axis=1, keepdims=True))
        mass = mass * max(1.0, self.reciprocal())
        factors = mass * np.abs(self.v).max(axis=1, keepdims=True, initial=1.0)
        summands = max(_SUMMANDS, rows.classes)
        lost = ~(factors * summands <= ar.compute.largest)
        amount = few * ar.underflow * factors
        if self._stored:
            lost |= ~(factors * summands <= self._storage.largest)
            amount = amount + few * self._storage.eta * factors
        made = made.plus_error("underflow", np.where(live, amount, 0.0)[:, 0])
        return replace(made, lost=made.lost | lost[:, 0])


def _quotient(x: Floats, p: Floats, ar: Arithmetic) -> Floats:
    """Return the error of p = e^{x−m} / Σ e^{x−m} with every operation stored."""
    u, eta = ar.storage.u, ar.storage.eta
    top = x.max(axis=1, keepdims=True, initial=-np.inf)
    gap = np.where(np.isfinite(x), top - x, 0.0)
    # A difference is stored, so it is off by u t at most; so is e^−t, relatively.
    shift = np.where(np.isfinite(gap), (u + ar.compute.u) * gap, np.inf)
    drift = np.expm1(np.minimum(shift, 700.0))
    own = drift + ar.exp * (1 + drift) + u
    every = (p * np.where(p > 0, own, 0.0)).sum(axis=1, keepdims=True)
    gamma = ar.gamma(ar.height(x.shape[1]))
    relative = own + every + (1 + every) * (gamma + 2 * u + ar.compute.u)
    lost = (1 + x.shape[1]) * eta
    return np.where(
        np.isfinite(x), np.minimum(p * relative * (1 + every) + lost, 2.0), 0.0
    )


def _rows_only(quantity: Running, valid: Flags) -> Running:
    """Return the quantity with exact zeros in ignored rows."""
    full = quantity.value.shape
    keep = valid.reshape(valid.shape + (1,) * (len(full) - 1))
    return Running(
        np.where(keep, quantity.value, 0.0),
        {k: np.where(keep, t, 0.0) for k, t in quantity.terms.items()},
        np.where(keep, quantity.held, 0.0),
        quantity.lost & keep,
    )
