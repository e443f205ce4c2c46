"""Derivatives along a direction on a machine of a few bits, in every way allowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from pipelines import CrossEntropy, Exact

if TYPE_CHECKING:
    from low_precision import Machine
    from numpy.typing import NDArray

    from conformance.rules.rows import Rows

    Floats = NDArray[np.float64]


def exact_hvp(rows: Rows, v: Floats) -> Floats:
    """Return H v in float64."""
    exact, e = Exact(rows), rows.effective
    scale = rows.upstream[:, None] / exact.denominator
    p = exact.share
    apart = v[:, :, None] - v[:, None, :]
    bent = p * (apart * p[:, None, :]).sum(axis=2)
    return np.asarray(bent * e.sum(axis=1, keepdims=True) * scale)


def exact_jvp(rows: Rows, v: Floats) -> Floats:
    """Return J v in float64."""
    exact = Exact(rows)
    apart = v[:, :, None] - v[:, None, :]
    own = -(apart * exact.share[:, None, :]).sum(axis=2)
    terms = (rows.effective * own).sum(axis=1)
    if rows.reduction == "none":
        return np.asarray(terms)
    return np.asarray(terms.sum() / exact.denominator)


@dataclass(frozen=True, eq=False)
class Along:
    """Cross-entropy along a direction on a machine.

    Attributes:
        rows: The problem.
        v: The direction.
        machine: The machine; under a staged contract every public operation stores.
    """

    rows: Rows
    v: Floats
    machine: Machine

    @cached_property
    def loss(self) -> CrossEntropy:
        """The loss and its gradient on the same machine."""
        return CrossEntropy(self.rows, self.machine)

    def keep(self, made: Floats) -> Floats:
        """Return what a public operation leaves: stored if the contract says so."""
        return self.machine.store(made) if self.machine.contract.stages else made

    @cached_property
    def surprise(self) -> Floats:
        """−log p as the operation returns it, stored once already."""
        return self.loss.softmax[0]

    def share(self) -> Floats:
        """Return p, made anew by one way or another."""
        m, x = self.machine, self.rows.x[None]
        recovered = m.exp(-self.surprise)
        if not m.contract.stages:
            return m.pick(recovered, self.loss.softmax[1])
        t = self.keep(m.add(x.max(axis=2, keepdims=True), -x))
        e = self.keep(m.exp(-t))
        return m.pick(recovered, self.keep(m.div(e, self.keep(m.sum(e, 2)))))

    @cached_property
    def cotangent(self) -> Floats:
        """G = e s."""
        m, loss = self.machine, self.loss
        return self.keep(m.mul(loss.effective, loss.scale))

    def hvp(self) -> Floats:
        """Return H v."""
        m = self.machine
        made = m.pick(self._second_backward(), self._closed(), self._shifted())
        return m.store(np.where(self.rows.valid[None, :, None], made, 0.0))

    def _second_backward(self) -> Floats:
        """Return q − p Σ q with q = p v Σ G."""
        m, v = self.machine, self.v[None]
        total = self.keep(m.sum(self.cotangent, 2))
        q = self.keep(m.mul(self.keep(m.mul(self.keep(self.share()), total)), v))
        return m.add(q, -m.mul(self.share(), m.sum(q, 2)))

    def _closed(self) -> Floats:
        """Return a s p (v − Σ p v), factors in any order; or a s p v − a s p Σ p v."""
        m, v = self.machine, self.v[None]
        p, own = self.keep(self.share()), self.keep(self.share())
        mean = self.keep(m.sum(self.keep(m.mul(p, v)), 2))
        kappa = self.keep(m.sum(self.cotangent, 2))
        centred = self.keep(m.add(v, -mean))
        whole = self.keep(m.mul(self.keep(m.mul(own, centred)), kappa))
        if m.contract.stages:
            return whole
        mass = m.sum(self.loss.effective, 2)
        free = m.product(own, centred, mass, self.loss.scale)
        apart = m.add(m.product(own, v, kappa), -m.product(self.share(), mean, kappa))
        return m.pick(whole, free, apart)

    def _shifted(self) -> Floats:
        """Return the closed form of v − v_m, as where the shift is differentiated."""
        m, v, x = self.machine, self.v[None], self.rows.x
        top = v[:, np.arange(len(x)), np.argmax(x, axis=1)][:, :, None]
        moved = self.keep(m.add(v, -top))
        p = self.keep(self.share())
        mean = self.keep(m.sum(self.keep(m.mul(p, moved)), 2))
        kappa = self.keep(m.sum(self.cotangent, 2))
        centred = self.keep(m.add(moved, -mean))
        return self.keep(m.mul(self.keep(m.mul(p, centred)), kappa))

    def jvp(self) -> Floats:
        """Return J v."""
        m = self.machine
        composed = self._composed()
        if m.contract.stages:
            return m.store(composed)
        closed = m.pick(self._by_class(), self._by_gradient())
        return m.store(m.pick(self._reduced(closed), composed))

    def _mean(self) -> Floats:
        m = self.machine
        return m.sum(m.mul(self.share(), self.v[None]), 2)

    def _by_class(self) -> Floats:
        """Return Σ e (Σ p v − v)."""
        m = self.machine
        moved = m.add(self._mean(), -self.v[None])
        return m.sum(m.mul(self.loss.effective, moved), 2)

    def _by_gradient(self) -> Floats:
        """Return Σ (p a − e) v."""
        m, e = self.machine, self.loss.effective
        slope = m.add(m.mul(self.share(), m.sum(e, 2)), -e)
        return m.sum(m.mul(slope, self.v[None]), 2)

    def _reduced(self, rows: Floats) -> Floats:
        m, valid = self.machine, self.rows.valid
        if self.rows.reduction == "none":
            return np.where(valid[None, :, None], rows, 0.0)
        total, w = m.sum(rows[:, valid], 1), self.loss.denominator
        return total if w is None else m.div(total, w)

    def _composed(self) -> Floats:
        """Return forward mode of eager log-softmax, then the loss as composed."""
        m, v, rows, x = self.machine, self.v[None], self.rows, self.rows.x[None]
        t = self.keep(m.add(x.max(axis=2, keepdims=True), -x))
        e = self.keep(m.exp(-t))
        top = self.keep(m.sum(self.keep(m.mul(e, v)), 2))
        mean = self.keep(m.div(top, self.keep(m.sum(e, 2))))
        moved = self.keep(m.add(mean, -v))
        if rows.plain:
            weighed = m.mul(m.mul(self.loss.weights, self.loss.hits), moved)
            return self._reduced(m.sum(weighed, 2))
        if rows.probabilities is not None:
            target = self.loss.hits
            if rows.smoothing:
                kept = self.keep(m.mul(target, self.loss.keep))
                target = self.keep(m.add(kept, self.loss.floor))
            weighed = self.keep(m.mul(moved, target))
            weighed = self.keep(m.mul(weighed, self.loss.weights))
            return self._reduced(self.keep(m.sum(weighed, 2)))
        own = m.sum(m.mul(m.mul(self.loss.weights, self.loss.hits), moved), 2)
        every = self.keep(m.sum(self.keep(m.mul(moved, self.loss.weights)), 2))
        first = self.keep(m.mul(self.keep(self._reduced(own)), self.loss.keep))
        second = self.keep(m.mul(self.keep(self._reduced(every)), self.loss.floor))
        return m.add(first, second)


def regression_hvp(machine: Machine, v: Floats, up: Floats, *, mean: bool) -> Floats:
    """Return H v of MSE, factors in any order."""
    m, n = machine, float(len(v))
    keep = m.store if m.contract.stages else lambda made: made
    factors = [v[None, :, None], up[None, :, None], np.full((1, 1, 1), 2.0)]
    order = m.random.permutation(len(factors))
    made = m.spread(factors[order[0]])
    for i in order[1:]:
        made = keep(m.mul(made, factors[i]))
    if not mean:
        return m.store(made)
    early = m.div(2 * up[None, :, None], m.constant(n))
    return m.store(
        m.pick(m.div(made, m.constant(n)), m.mul(keep(early), v[None, :, None]))
    )


def regression_jvp(
    machine: Machine, loss: str, pair: tuple[Floats, Floats], v: Floats, reduction: str
) -> Floats:
    """Return J v of MAE or MSE: divided by n before or after the sum."""
    m, (x, y) = machine, pair
    keep = m.store if m.contract.stages else lambda made: made
    n, w = m.constant(float(len(x))), v[None, :, None]
    d = keep(m.add(x[None, :, None], -y[None, :, None]))
    slope = np.sign(d) if loss == "mae" else 2 * d
    terms = keep(m.mul(slope, w))
    if reduction == "none":
        return m.store(terms)
    late = m.sum(terms, 1)
    if reduction == "sum":
        return m.store(late)
    early = m.sum(keep(m.mul(keep(m.div(slope, n)), w)), 1)
    return m.store(m.pick(m.div(late, n), early))
