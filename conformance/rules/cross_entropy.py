r"""The bounds of cross-entropy and its gradients.

`conformance.rules.log_softmax` bounds −log p (B_c each) and p; this module follows what
comes after it. With e_{n,c} the effective weights, a_n = Σ_c e_{n,c}, W the denominator
and parts(e) the sum of the magnitudes of the two products that e is made of:

==============  ========================================================================
rule            first order
==============  ========================================================================
CE-NONE         Σ_c \|e_c\| B_c + (5 u_c + γ_{C−1}) Σ_c parts(e_c) \|log p_c\|
                + u_c ε Σ … + u_o \|l\| + η_o; for class indices without smoothing only
                w_y B_y + u_c w_y \|log p_y\|
CE-SUM          Σ_n of that, + γ_{N−1} Σ_n \|l_n\|
CE-MEAN         (CE-SUM)/\|W\|, + \|L\| (γ_{N−1} Σ\|w\|/\|W\| + 2 u_c)
CE-GRAD-INPUT   p (\|a s\| r + error of a s) + error of e s
                + 3 u_c (p \|a s\| + \|e s\|) + u_o \|g\| + η_o, with r the relative
                error of p
CE-GRAD-TARGET  (1 − ε) \|w_c s\| B_c + 5 u_c \|g\| + u_o \|g\| + η_o
CE-GRAD-WEIGHT  Σ_n of the same with t_c (1 − ε) + ε/C for w_c, + γ_{N−1} Σ_n \|terms\|
==============  ========================================================================

Heights are per axis, (C − 1) + (N − 1) and never N C − 1.

ε may be rounded once where it is used as ε and once where it is used as 1 − ε: u_c ε
each.

Under `staged` each public operation of the documented composition stores its result:
log p, its product with weight and with target, the sum over classes, the reduction, W
of smoothed means, the two products with ε and their sum; backward the same chain in
reverse. W must not cancel: γ Σ\|w\|/\|W\| < 1, else there is no bound.

*Means.* Rows, or their weights, may be divided by W before they are added up (fused
kernels do so), so a mean is exact by rule S0 only where W is a power of two.

*Flushing*, where permitted, takes a part of e with each of its factors.

*Range.* Products may be formed in any order, so every product of a subset of
{e, u, 1/W} must stay in range; and a subset that underflows may be multiplied by the
others, so η is scaled by the product of those factors that exceed 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.exactness import UNKNOWN
from conformance.rules.log_softmax import Softmax, softmax
from conformance.rules.regression import averaged, count
from conformance.rules.running import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.running import Floats

_ROUNDINGS = 5  # of e: two products a part, 1 − ε or ε/C, the addition
_COUNTS = 2.0**-24  # In formats as good as this, rows are counted without error.


@dataclass(frozen=True, eq=False)
class Rows:
    """A cross-entropy problem as float64 rows.

    Attributes:
        x: Logits, `(n, C)`.
        indices: Class of each row, `(n,)`, 0 where ignored; None for probabilities.
        probabilities: `(n, C)`, or None for class indices.
        valid: Which rows are not ignored, `(n,)`.
        weight: `(C,)`, or None.
        smoothing: ε.
        reduction: `none`, `mean` or `sum`.
        upstream: One for each row, `(n,)`; the same for all unless `none`.
    """

    x: Floats
    indices: NDArray[np.intp] | None
    probabilities: Floats | None
    valid: NDArray[np.bool_]
    weight: Floats | None
    smoothing: float
    reduction: str
    upstream: Floats

    @property
    def classes(self) -> int:
        """C."""
        return int(self.x.shape[1])

    @cached_property
    def weights(self) -> Floats:
        """The class weights, ones if there are none."""
        return np.ones(self.classes) if self.weight is None else self.weight

    @cached_property
    def plain(self) -> bool:
        """Is each row's loss one term: class indices without smoothing?"""
        return self.indices is not None and not self.smoothing

    @cached_property
    def target_part(self) -> Floats:
        """The effective weights e without their smoothing part, `(n, C)`."""
        keep = 1 - self.smoothing
        if self.probabilities is not None:
            return self.probabilities * keep * self.weights
        part = np.zeros(self.x.shape)
        rows = np.flatnonzero(self.valid)
        assert self.indices is not None  # noqa: S101 - for the type checker
        y = self.indices[rows]
        part[rows, y] = keep * self.weights[y]
        return part

    @cached_property
    def smooth_part(self) -> Floats:
        """The smoothing part of e, `(n, C)`."""
        if not self.smoothing:
            return np.zeros(self.x.shape)
        part = self.weights * (self.smoothing / self.classes)
        return np.where(self.valid[:, None], part, 0.0)

    @cached_property
    def effective(self) -> Floats:
        """e, `(n, C)`."""
        return self.target_part + self.smooth_part

    @cached_property
    def parts(self) -> Floats:
        """The sum of the magnitudes of the parts of e, `(n, C)`."""
        return np.abs(self.target_part) + np.abs(self.smooth_part)

    def denominator(self, arithmetic: Arithmetic) -> Running | None:
        """Return W, or None where nothing is divided by it."""
        if self.reduction != "mean":
            return None
        n = len(self.x) if self.indices is None else int(self.valid.sum())
        plain = self.indices is None or self.weight is None
        if plain and (self.indices is None or arithmetic.sums.u <= _COUNTS):
            return count(n, arithmetic)
        used = np.where(self.valid, self.weights[self.indices], 0.0)
        total = Running.argument(used, arithmetic)
        total = total.summed(arithmetic, arithmetic.height(n))
        error = {"weights' sum": total.error} if total.error > 0 else {}
        return replace(total, terms=error)


@dataclass(frozen=True, eq=False)
class CrossEntropyRules:
    """The bounds of one problem under one contract.

    Attributes:
        rows: The problem.
        arithmetic: The contract.
    """

    rows: Rows
    arithmetic: Arithmetic

    @cached_property
    def softmax(self) -> Softmax:
        """The bounds of log-softmax and softmax."""
        return softmax(self.rows.x, self.arithmetic)

    def value(self) -> Running:
        """Return the loss: `(n,)` for `none`, else a scalar."""
        with np.errstate(all="ignore"):
            if self.rows.plain:
                return self._reduced(self._plain_terms()).stored(self.arithmetic)
            if self.rows.indices is not None and self.arithmetic.stages:
                return self._staged_smoothing()
            return self._reduced(self._mixed_terms()).stored(self.arithmetic)

    def _plain_terms(self) -> Running:
        rows = self.rows
        assert rows.indices is not None  # noqa: S101 - for the type checker
        n = np.arange(len(rows.x))
        terms = _cleared(self.softmax.surprise.take(n, rows.indices), rows.valid)
        if rows.weight is not None:
            weight = Running.argument(rows.weights[rows.indices], self.arithmetic)
            terms = terms.times(_cleared(weight, rows.valid), self.arithmetic)
        sums = self.arithmetic.sums
        if sums.u > self.arithmetic.compute.u:
            # It may be picked by a sum over the classes, of which the others are 0.
            terms = terms.rounded(sums, "summation", underflow=sums.eta)
        return terms

    def _mixed_terms(self) -> Running:
        """Return Σ_c e_c (−log p_c) of each row, unstored."""
        rows, ar = self.rows, self.arithmetic
        surprise = self._all_classes(rows.parts > 0)
        if ar.stages:  # class probabilities: log p · target · weight, each stored
            terms = surprise.times(self._staged_target(), ar).within(ar).staged(ar)
            if rows.weight is not None:
                weight = np.broadcast_to(rows.weight, rows.x.shape)
                terms = (
                    terms.times(Running.argument(weight, ar), ar).within(ar).staged(ar)
                )
        else:
            terms = surprise.times(self._effective(), ar).within(ar)
        return terms.summed(ar, ar.height(rows.classes), last_axis=True)

    def _all_classes(self, used: NDArray[np.bool_]) -> Running:
        """Return −log p for a sum over all classes.

        A factor 0 does not excuse an overflow (0 · inf is nan), and ε/C may be
        multiplied in last, after 1/W, so the range counts for terms without ε, and for
        their sum.
        """
        rows, ar = self.rows, self.arithmetic
        surprise = self.softmax.surprise
        size = _unscaled(rows, surprise) * max(1.0, self._reciprocal())
        lost = surprise.lost | ~(size.sum(axis=1, keepdims=True) <= ar.compute.largest)
        if rows.reduction != "none":
            lost |= ~(size.sum() <= ar.compute.largest)
        lost &= rows.valid[:, None]
        return replace(_cleared(surprise, used), lost=lost)

    def _staged_target(self) -> Running:
        """Return t (1 − ε) + ε/C with a store after the product and after the sum."""
        rows, ar = self.rows, self.arithmetic
        assert rows.probabilities is not None  # noqa: S101 - its only caller
        target = Running.argument(rows.probabilities, ar)
        if not rows.smoothing:
            return target
        keep = _constant(1 - rows.smoothing, target, ar, rows.smoothing)
        share = rows.smoothing / rows.classes
        mixed = target.times(keep, ar).staged(ar)
        return mixed.plus(_constant(share, target, ar, share), ar).staged(ar)

    def _effective(self) -> Running:
        """Return e with the compute-format roundings of making it."""
        rows, ar = self.rows, self.arithmetic
        e = Running.exact(rows.effective)
        e = e.plus_error("flush", np.where(self._flushed(), rows.parts, 0.0))
        if rows.plain or not (rows.smoothing or rows.weight is not None):
            return e
        roundings = _ROUNDINGS if rows.smoothing else 1
        given = 1.0 if rows.probabilities is None else np.abs(rows.probabilities)
        factors = np.maximum(np.abs(rows.weights), 1.0) * np.maximum(given, 1.0)
        amount = roundings * ar.compute.u * rows.parts
        amount = amount + ar.compute.u * rows.smoothing * factors
        amount = amount + 3 * ar.underflow * factors
        exact = (
            ar.compute.holds(rows.effective) & (rows.smoothing == 0) & (rows.parts <= 1)
        )
        unit = exact & np.isin(np.abs(rows.effective), (0.0, 1.0))
        return e.plus_error("weights", np.where(unit | (rows.parts == 0), 0.0, amount))

    def _flushed(self) -> NDArray[np.bool_]:
        """Say where a factor of e may be flushed: then that part of it is lost."""
        rows, storage = self.rows, self.arithmetic.storage
        lost = np.broadcast_to(~storage.survives(rows.weights), rows.x.shape)
        if rows.probabilities is not None:
            lost = lost | ~storage.survives(rows.probabilities)
        return lost

    def _reduced(self, terms: Running) -> Running:
        """Return the terms after the reduction, unstored."""
        if self.rows.reduction == "none":
            return terms
        ar = self.arithmetic
        n = int(self.rows.valid.sum())
        w, height = self.rows.denominator(ar), ar.height(n)
        if w is not None and not (ar.stages and self.rows.probabilities is not None):
            return self._checked(averaged(terms, w, ar, height), w)
        total = terms.within(ar).summed(ar, height).within(ar)
        if self.rows.probabilities is not None:
            total = total.staged(ar)
        return total if w is None else self._divided(total, w)

    def _divided(self, total: Running, w: Running) -> Running:
        """Return total/W; as a product with 1/W it has one rounding more."""
        ar = self.arithmetic
        made = total.over(w, ar).rounded(ar.compute, "division")
        return self._checked(made, w)

    def _checked(self, made: Running, w: Running) -> Running:
        """Return a quotient by W with what a subnormal or infinite 1/W or e/W does."""
        ar = self.arithmetic
        reciprocal = 1 / np.abs(w.value)
        subnormal = reciprocal < 2.0**ar.compute.format.emin
        size = made.size * np.abs(w.value)
        amount = np.where(subnormal, ar.underflow * size, 0.0)
        # Weights may be divided by W before anything else.
        small = self.rows.parts * reciprocal < 2.0 ** (ar.compute.format.emin + 1)
        small &= self.rows.parts > 0
        sizes = np.where(small, self.softmax.surprise.size, 0.0)
        made = made.plus_error("underflow", amount + ar.underflow * sizes.sum())
        return replace(made, lost=made.lost | ~(reciprocal <= ar.compute.largest))

    def _staged_smoothing(self) -> Running:
        """Return the loss as (1 − ε) · nll + ret · (ε/C), each operation stored."""
        rows, ar = self.rows, self.arithmetic
        nll = self._reduced(self._plain_terms()).stored(ar)
        surprise = self._all_classes(rows.valid[:, None] & (rows.weights != 0))
        if rows.weight is not None:
            w = Running.argument(np.broadcast_to(rows.weights, rows.x.shape), ar)
            surprise = surprise.times(w, ar).within(ar).staged(ar)
        smooth = surprise.summed(ar, ar.height(rows.classes), last_axis=True).staged(ar)
        smooth = self._reduced_stored(smooth)
        keep, share = 1 - rows.smoothing, rows.smoothing / max(rows.classes, 1)
        first = nll.times(_constant(keep, nll, ar, rows.smoothing), ar).staged(ar)
        second = smooth.times(_constant(share, smooth, ar, share), ar).staged(ar)
        return first.plus(second, ar).stored(ar)

    def _reduced_stored(self, smooth: Running) -> Running:
        if self.rows.reduction == "none":
            return smooth
        ar = self.arithmetic
        n = int(self.rows.valid.sum())
        total = smooth.within(ar).summed(ar, ar.height(n)).within(ar).staged(ar)
        w = self.rows.denominator(ar)
        if w is None:
            return total
        if self.rows.weight is not None:
            w = w.staged(ar)
        # ε/C comes after this: what leaves the range here does not come back.
        return self._divided(total, w).within(ar).staged(ar)

    def scale(self) -> Running:
        """Return s, `(n,)`: the upstream gradient, over W for `mean`."""
        ar = self.arithmetic
        up = Running.argument(self.rows.upstream, ar)
        w = self.rows.denominator(ar)
        if w is None:
            return up
        if ar.stages and self.rows.weight is not None:
            w = w.rounded(ar.storage, "stages")
        up = up.over(w, ar, "upstream / W")
        return up.rounded(ar.compute, "upstream / W").within(ar)

    def gradient_input(self) -> Running:
        """Return the gradient by the logits, `(n, C)`."""
        with np.errstate(all="ignore"):
            e, a = self._cotangent()
            p = self.softmax.share
            product = p.times(a, self.arithmetic)
            ar = self.arithmetic
            g = product.plus(e.scaled(-1.0), ar, "subtraction")
            # Scaling by s may come last, once for each product: two roundings more.
            amount = 2 * ar.compute.u * (np.abs(product.value) + np.abs(e.value))
            g = g.plus_error("product", np.where(np.isnan(g.held), amount, 0.0))
            # So may any other factor: what p lost by underflow before is scaled by it.
            mass = self.rows.parts.sum(axis=1, keepdims=True)
            lost = 2 * ar.underflow * self._factors(mass)
            g = g.plus_error("underflow", np.where(np.isnan(g.held), lost, 0.0))
            return _cleared(g, self.rows.valid[:, None]).stored(ar)

    def _cotangent(self) -> tuple[Running, Running]:
        """Return e s and a s, each `(n, C)`, as the backward pass holds them."""
        rows, ar = self.rows, self.arithmetic
        s = _column(self.scale(), rows.x.shape)
        e = self._effective().times(s, ar)
        e = e if rows.plain else e.rounded(ar.compute, "product")
        e = _cleared(self._stages_back(e, s), rows.parts > 0)
        e = self._underflow(e, s)
        height = 0 if rows.plain else ar.height(rows.classes)
        return e, _column(e.summed(ar, height, last_axis=True), rows.x.shape)

    def _stages_back(self, e: Running, s: Running) -> Running:
        """Return e s after the stores of the documented backward composition."""
        rows, ar = self.rows, self.arithmetic
        if not ar.stages:
            return e
        if rows.plain:
            return e.staged(ar)
        mean = int(rows.reduction == "mean")
        stores = _ROUNDINGS if rows.smoothing else mean + (rows.weight is not None) + 1
        relative = stores * ar.storage.u / (1 - stores * ar.storage.u)
        later = np.maximum(1.0, np.abs(rows.weights)) * max(1.0, self._reciprocal())
        amount = relative * (rows.parts * s.size + e.error)
        amount = amount + stores * ar.stored_underflow * later
        return e.plus_error("stages", amount)

    def _reciprocal(self) -> float:
        w = self.rows.denominator(self.arithmetic)
        return 1.0 if w is None else float(1 / np.abs(w.value))

    def _underflow(self, e: Running, s: Running) -> Running:
        """Return e s with what products of any order can lose below and above."""
        rows, ar = self.rows, self.arithmetic
        factors = self._factors(rows.parts)
        made = replace(e, lost=e.lost | s.lost | ~(factors <= ar.compute.largest))
        amount = np.where(np.isnan(e.held), 6 * ar.underflow * factors, 0.0)
        return made.plus_error("underflow", amount)

    def _factors(self, mass: Floats) -> Floats:
        """Return the largest product of a subset of {mass, u, 1/W}, at least 1."""
        up = np.maximum(1.0, np.abs(self.rows.upstream))[:, None]
        return np.maximum(1.0, mass) * up * max(1.0, self._reciprocal())

    def gradient_target(self) -> Running:
        """Return the gradient by class probabilities, `(n, C)`."""
        with np.errstate(all="ignore"):
            rows, ar = self.rows, self.arithmetic
            s = _column(self.scale(), rows.x.shape)
            factor = self._factor(np.broadcast_to(rows.weights, rows.x.shape), s)
            made = self._in_any_order(factor).times(factor, ar)
            made = self._scaled_last(made, rows.weights)
            if ar.stages and rows.smoothing:
                # 1 − ε comes last, after log p · (…) was stored, subnormal perhaps.
                made = made.plus_error("stages", ar.stored_underflow)
            return made.stored(ar)

    def gradient_weight(self) -> Running:
        """Return the gradient by class weights for class probabilities, `(C,)`."""
        with np.errstate(all="ignore"):
            rows, ar = self.rows, self.arithmetic
            assert rows.probabilities is not None  # noqa: S101 - indices have no rule
            s = _column(self.scale(), rows.x.shape)
            mixed = rows.probabilities * (1 - rows.smoothing)
            share = rows.smoothing / max(rows.classes, 1)
            factor = self._factor(mixed, s, share=share)
            surprise = self._in_any_order(factor)
            terms = surprise.times(factor, ar).within(ar)
            terms = self._scaled_last(terms, np.abs(mixed) + share).staged(ar)
            turned = _transposed(terms)
            n = ar.height(len(rows.x))
            return turned.summed(ar, n, last_axis=True).stored(ar)

    def _in_any_order(self, factor: Running) -> Running:
        """Return −log p, lost where a product of it in some order leaves the range."""
        rows, ar = self.rows, self.arithmetic
        surprise = self.softmax.surprise
        up = np.maximum(1.0, np.abs(rows.upstream))[:, None]
        others = (
            np.maximum(1.0, np.abs(factor.value)) * up * max(1.0, self._reciprocal())
        )
        size = _unscaled(rows, surprise) * others
        everything = size.sum() if rows.reduction != "none" else size
        return replace(
            surprise, lost=surprise.lost | ~(everything <= ar.compute.largest)
        )

    def _scaled_last(self, made: Running, base: Floats) -> Running:
        """Return −log p · base · s with what −log p times some of them may lose.

        Two products come before the last one; where they may be subnormal, each loses η
        times the factors that are multiplied in later.
        """
        rows, ar = self.rows, self.arithmetic
        up = np.minimum(1.0, np.abs(rows.upstream))[:, None]
        least = np.minimum(1.0, np.abs(base)) * up * min(1.0, self._reciprocal())
        surprise = self.softmax.surprise
        # Twice the smallest normal number: the machine's factors are not exactly ours.
        small = np.abs(surprise.value) * least < 2.0 ** (ar.compute.format.emin + 1)
        lone = (np.abs(base) == 1) & (rows.reduction != "mean" and not rows.smoothing)
        lost = 2 * ar.underflow * self._factors(np.abs(base))
        small &= (made.value != 0) & ~lone
        return made.plus_error("underflow", np.where(small, lost, 0.0))

    def _factor(self, base: Floats, s: Running, share: float = 0.0) -> Running:
        """Return (base · (1 − ε) or base + share) · s with its roundings."""
        rows, ar = self.rows, self.arithmetic
        keep = 1.0 if share or not rows.smoothing else 1 - rows.smoothing
        value = base * keep + share
        parts = np.abs(base) * keep + share
        factor = Running.exact(value)
        stores = 4 if ar.stages else 0
        if rows.smoothing or rows.weight is not None:
            drift = ar.compute.u * rows.smoothing * np.maximum(1.0, np.abs(base))
            amount = _ROUNDINGS * ar.compute.u * parts + drift
            factor = factor.plus_error("weights", amount)
        lost = ~ar.storage.survives(base)
        factor = factor.plus_error("flush", np.where(lost, np.abs(base) * keep, 0.0))
        made = factor.times(s, ar).rounded(ar.compute, "product")
        made = self._underflow(made, s)
        if not stores:
            return made
        later = np.maximum(1.0, parts) * max(1.0, self._reciprocal())
        relative = stores * ar.storage.u / (1 - stores * ar.storage.u)
        amount = (
            relative * (parts * s.size + made.error)
            + stores * ar.stored_underflow * later
        )
        return made.plus_error("stages", amount)


def _cleared(quantity: Running, keep: NDArray[np.bool_]) -> Running:
    """Return the quantity with exact zeros where `keep` is false."""
    keep = np.broadcast_to(keep, quantity.value.shape)
    return Running(
        np.where(keep, quantity.value, 0.0),
        {k: np.where(keep, v, 0.0) for k, v in quantity.terms.items()},
        np.where(keep, quantity.held, 0.0),
        quantity.lost & keep,
    )


def _unscaled(rows: Rows, surprise: Running) -> Floats:
    """Return |w_c t_c log p_c| without ε, 1/C and 1/W, never below |log p_c|."""
    t = (
        np.ones(rows.x.shape)
        if rows.probabilities is None
        else np.abs(rows.probabilities)
    )
    factors = np.maximum(1.0, np.abs(rows.weights)) * np.maximum(1.0, t)
    return np.where(np.isneginf(rows.x), 0.0, surprise.size * factors)


def _column(quantity: Running, shape: tuple[int, ...]) -> Running:
    """Return one number a row repeated along the classes of `shape`."""
    lead = shape[:1]

    def spread(a: Floats) -> Floats:
        column: Floats = np.broadcast_to(np.broadcast_to(a, lead)[:, None], shape)
        return column

    return Running(
        spread(quantity.value),
        {k: spread(v) for k, v in quantity.terms.items()},
        spread(quantity.held),
        np.broadcast_to(np.broadcast_to(quantity.lost, lead)[:, None], shape),
    )


def _transposed(quantity: Running) -> Running:
    full = quantity.value.shape
    return Running(
        quantity.value.T,
        {k: np.broadcast_to(v, full).T for k, v in quantity.terms.items()},
        quantity.held.T,
        np.broadcast_to(quantity.lost, full).T,
    )


def _without(quantity: Running, cause: str) -> Running:
    kept = {k: v for k, v in quantity.terms.items() if k != cause}
    return replace(quantity, terms=kept)


def _constant(
    value: float, like: Running, arithmetic: Arithmetic, drift: float
) -> Running:
    """Return a scalar made from ε, rounded once, with ε's own rounding."""
    made = Running.exact(np.full(like.value.shape, value))
    made = made.plus_error("weights", arithmetic.compute.u * drift)
    made = replace(made, held=np.full(like.value.shape, UNKNOWN))
    return made.rounded(arithmetic.compute, "weights")
