"""What the loss and all gradients of cross-entropy are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.rules.arranging import cleared, column
from conformance.rules.log_softmax import Softmax, softmax
from conformance.rules.running import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.rows import Rows
    from conformance.rules.running import Floats

ROUNDINGS: Final = 5  # of e: two products a part, 1 − ε or ε/C, the addition


@dataclass(frozen=True, eq=False)
class Parts:
    """One problem under one contract.

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

    def effective(self) -> Running:
        """Return e with the compute-format roundings of making it."""
        rows, ar = self.rows, self.arithmetic
        e = Running.exact(rows.effective)
        e = e.plus_error("flush", np.where(self._flushed(), rows.parts, 0.0))
        if rows.plain or not (rows.smoothing or rows.weight is not None):
            return e
        roundings = ROUNDINGS if rows.smoothing else 1
        amount = roundings * ar.compute.u * rows.parts
        amount = amount + ar.compute.u * rows.smoothing * rows.large
        amount = amount + 3 * ar.underflow * rows.large
        exact = (
            ar.compute.holds(rows.effective) & (rows.smoothing == 0) & (rows.parts <= 1)
        )
        unit = exact & np.isin(np.abs(rows.effective), (0.0, 1.0))
        unit &= np.abs(rows.effective) == rows.present
        return e.plus_error("weights", np.where(unit | ~rows.present, 0.0, amount))

    def _flushed(self) -> NDArray[np.bool_]:
        """Say where a factor of e may be flushed: then that part of it is lost."""
        rows, storage = self.rows, self.arithmetic.storage
        lost = np.broadcast_to(~storage.survives(rows.weights), rows.x.shape)
        if rows.probabilities is not None:
            lost = lost | ~storage.survives(rows.probabilities)
        return lost

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

    def cotangent(self) -> tuple[Running, Running]:
        """Return e s and a s, each `(n, C)`, as the backward pass holds them."""
        rows, ar = self.rows, self.arithmetic
        s = column(self.scale(), rows.x.shape)
        e = self.effective().times(s, ar)
        e = e if rows.plain else e.rounded(ar.compute, "product")
        e = cleared(self._stages_back(e, s), rows.present)
        e = self.underflow(e, s, rows.large, rows.small)
        mass = self.factors(rows.unsmoothed)
        e = replace(e, lost=e.lost | ~(mass <= ar.largest))
        height = 0 if rows.plain else ar.height(rows.classes)
        return e, column(e.summed(ar, height, last_axis=True), rows.x.shape)

    def _stages_back(self, e: Running, s: Running) -> Running:
        """Return e s after the stores of the documented backward composition."""
        rows, ar = self.rows, self.arithmetic
        if not ar.stages:
            return e
        if rows.plain:
            return e.staged(ar)
        mean = int(rows.reduction == "mean")
        stores = ROUNDINGS if rows.smoothing else mean + (rows.weight is not None) + 1
        relative = stores * ar.storage.u / (1 - stores * ar.storage.u)
        amount = relative * (rows.parts * s.size + e.error)
        amount = amount + stores * ar.stored_underflow * self.factors(rows.large)
        return e.plus_error("stages", amount)

    def reciprocal(self) -> float:
        """Return 1/|W|, one where nothing is divided."""
        w = self.rows.denominator(self.arithmetic)
        return 1.0 if w is None else float(1 / np.abs(w.value))

    def underflow(self, e: Running, s: Running, mass: Floats, least: Floats) -> Running:
        """Return a product with s with what it can lose in any order, below and above.

        Args:
            e: The product.
            s: Upstream gradient over W.
            mass: The largest product of some of its other factors.
            least: The smallest one.
        """
        rows, ar, factors = self.rows, self.arithmetic, self.factors(mass)
        made = replace(e, lost=e.lost | s.lost | ~(factors <= ar.largest))
        least = np.minimum(1.0, least) * min(1.0, self.reciprocal())
        least = least * np.minimum(1.0, np.abs(rows.upstream))[:, None]
        # An exact product may still be inexact halfway, where that is subnormal.
        thin = (least < 2.0 ** (ar.compute.format.emin + 1)) & (e.value != 0)
        if rows.plain and rows.weight is None and rows.reduction != "mean":
            thin = np.zeros(thin.shape, dtype=np.bool_)  # only ones are multiplied in
        amount = np.where(np.isnan(e.held) | thin, 6 * ar.underflow * factors, 0.0)
        return made.plus_error("underflow", amount)

    def factors(self, mass: Floats) -> Floats:
        """Return the largest product of a subset of {mass, u, 1/W}, at least 1."""
        up = np.maximum(1.0, np.abs(self.rows.upstream))[:, None]
        return np.maximum(1.0, mass) * up * max(1.0, self.reciprocal())

    def scarce(self, scale: Floats | float) -> NDArray[np.bool_]:
        """Say where products of −log p and factors down to `scale` may be subnormal."""
        level, surprise = self.arithmetic.compute, self.softmax.surprise
        # Twice the smallest normal number: the machine's factors are not exactly ours.
        edge = 2.0 ** (level.format.emin + 1)
        small = np.minimum(1.0, np.abs(surprise.value)) * scale < edge
        return np.asarray(small & self.rows.present & np.isfinite(surprise.value))

    def divided(self, total: Running, w: Running) -> Running:
        """Return total/W; as a product with 1/W it has one rounding more."""
        ar = self.arithmetic
        made = total.over(w, ar).rounded(ar.compute, "division")
        return self.checked(made, w)

    def checked(self, made: Running, w: Running) -> Running:
        """Return a quotient by W with what a subnormal or infinite 1/W or e/W does."""
        ar = self.arithmetic
        reciprocal = 1 / np.abs(w.value)
        subnormal = reciprocal < 2.0**ar.compute.format.emin
        size = made.size * np.abs(w.value)
        amount = np.where(subnormal, ar.underflow * size, 0.0)
        # Weights or log p may be divided by W before anything else.
        scale = self.rows.small * np.minimum(1.0, reciprocal)
        lost = np.where(self.scarce(scale), self.softmax.surprise.size, 0.0)
        lost = lost + np.where(self.scarce(scale), self.rows.large, 0.0)
        made = made.plus_error("underflow", amount + ar.underflow * lost.sum())
        return replace(made, lost=made.lost | ~(reciprocal <= ar.compute.largest))


def unscaled(rows: Rows, surprise: Running) -> Floats:
    """Return |w_c t_c log p_c| without ε, 1/C and 1/W, never below |log p_c|."""
    return np.where(np.isneginf(rows.x), 0.0, surprise.size * rows.large)
