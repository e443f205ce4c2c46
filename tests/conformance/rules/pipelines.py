"""The losses on a machine of a few bits, in every way the contract `wide` allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from low_precision import power
from schemes import LogSoftmax

if TYPE_CHECKING:
    from low_precision import Machine
    from numpy.typing import NDArray

    from conformance.rules.rows import Rows

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Exact:
    """Cross-entropy in float64, for rows that are moderate enough for it.

    Attributes:
        rows: The problem.
    """

    rows: Rows

    @cached_property
    def surprise(self) -> Floats:
        """−log p, without cancellation."""
        x = self.rows.x
        t = x.max(axis=1, keepdims=True) - x
        e = np.exp(-t)
        e[np.arange(len(x)), np.argmin(t, axis=1)] = 0
        return np.asarray(t + np.log1p(e.sum(axis=1, keepdims=True)))

    @property
    def share(self) -> Floats:
        """The softmax."""
        return np.exp(-self.surprise)

    @property
    def denominator(self) -> float:
        """W, one where nothing is divided."""
        rows = self.rows
        if rows.reduction != "mean":
            return 1.0
        if rows.indices is None or rows.weight is None:
            return float(rows.valid.sum())
        return float(rows.weight[rows.indices][rows.valid].sum())

    def value(self) -> Floats:
        """The loss."""
        terms = (self.rows.effective * self.surprise).sum(axis=1)
        if self.rows.reduction == "none":
            return np.asarray(terms)
        return np.asarray(terms.sum() / self.denominator)

    def gradient_input(self) -> Floats:
        """The gradient by the logits."""
        e = self.rows.effective
        # p a − e without cancellation: the class's own share is 1 minus the others'.
        a = e.sum(axis=1, keepdims=True)
        return np.asarray((self.share * a - e) * self._scale)

    def gradient_target(self) -> Floats:
        """The gradient by class probabilities."""
        keep = 1 - self.rows.smoothing
        return np.asarray(keep * self.rows.weights * self._scale * self.surprise)

    def gradient_weight(self) -> Floats:
        """The gradient by class weights."""
        assert self.rows.probabilities is not None
        t = self.rows.probabilities * (1 - self.rows.smoothing)
        mixed = t + self.rows.smoothing / self.rows.classes
        return np.asarray((mixed * self._scale * self.surprise).sum(axis=0))

    @property
    def _scale(self) -> Floats:
        return np.asarray(self.rows.upstream[:, None] / self.denominator)


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """Cross-entropy on a machine.

    Attributes:
        rows: The problem.
        machine: The machine.
    """

    rows: Rows
    machine: Machine

    @cached_property
    def softmax(self) -> tuple[Floats, Floats]:
        """−log p, and p as e^{log p}, e/S or e · (1/S)."""
        m = self.machine
        surprise, e, total = LogSoftmax(m, m.argument(self.rows.x[None])).made()
        surprise = m.stage(surprise)
        return surprise, m.pick(m.exp(-surprise), m.div(e, total))

    @cached_property
    def keep(self) -> Floats:
        """1 − ε, rounded as 1 − fl(ε) or once."""
        m, eps = self.machine, self.rows.smoothing
        if not eps:
            return np.ones((1, 1, 1))
        return m.pick(m.constant(1 - eps), m.add(np.ones((1, 1, 1)), -m.constant(eps)))

    @cached_property
    def floor(self) -> Floats:
        """ε/C, rounded once or as fl(ε)/C."""
        m, eps, c = self.machine, self.rows.smoothing, self.rows.classes
        divided = m.div(m.constant(eps), m.constant(float(c)))
        return m.pick(m.constant(eps / c), divided)

    @cached_property
    def weights(self) -> Floats:
        """The class weights."""
        return self.machine.argument(self.rows.weights[None, None])

    @cached_property
    def hits(self) -> Floats:
        """One at each row's class, or the class probabilities."""
        rows = self.rows
        if rows.probabilities is not None:
            return self.machine.argument(rows.probabilities[None])
        made = np.zeros(rows.x.shape)
        assert rows.indices is not None
        made[np.arange(len(made)), rows.indices] = 1
        return np.where(rows.valid[:, None], made, 0.0)[None]

    @cached_property
    def effective(self) -> Floats:
        """The effective weights: (1 − ε) w t + w ε/C, or w ((1 − ε) t + ε/C)."""
        m, rows = self.machine, self.rows
        if not rows.smoothing:
            return m.mul(self.weights, self.hits)
        live = rows.valid[None, :, None]
        first = m.product(self.keep, self.hits, self.weights)
        apart = m.add(first, np.where(live, m.mul(self.weights, self.floor), 0.0))
        inner = m.add(m.mul(self.keep, self.hits), np.where(live, self.floor, 0.0))
        return m.pick(apart, m.mul(inner, self.weights))

    @cached_property
    def denominator(self) -> Floats | None:
        """W, or nothing."""
        m, rows = self.machine, self.rows
        if rows.reduction != "mean":
            return None
        if rows.indices is None or rows.weight is None:
            return m.constant(float(rows.valid.sum()))
        used = m.argument(rows.weights[rows.indices][rows.valid][None, :, None])
        return m.sum(used, 1)

    def value(self) -> Floats:
        """The loss."""
        m, rows = self.machine, self.rows
        whole = self._reduced(m.sum(m.mul(self.effective, self.softmax[0]), 2))
        if rows.smoothing and rows.indices is not None:
            whole = m.pick(whole, self._composed())
        return m.store(whole)

    def _composed(self) -> Floats:
        """(1 − ε) · loss of the classes + ε/C · loss of all, each reduced apart."""
        m, surprise = self.machine, self.softmax[0]
        own = m.sum(m.mul(m.mul(self.hits, self.weights), surprise), 2)
        live = self.rows.valid[None, :, None]
        every = np.where(live, m.sum(m.mul(self.weights, surprise), 2), 0.0)
        first = m.mul(self._reduced(own), self.keep)
        return m.add(first, m.mul(self._reduced(every), self.floor))

    def _reduced(self, terms: Floats) -> Floats:
        if self.rows.reduction == "none":
            return terms
        live = terms[:, self.rows.valid]
        m, w = self.machine, self.denominator
        total = m.sum(live, 1)
        if w is None:
            return total
        return m.pick(m.div(total, w), m.sum(m.div(live, w), 1))

    @cached_property
    def scale(self) -> Floats:
        """The upstream gradient, over W."""
        up = self.machine.argument(self.rows.upstream[None, :, None])
        w = self.denominator
        return up if w is None else self.machine.div(up, w)

    def gradient_input(self) -> Floats:
        """The gradient by the logits: (p a − e) s, p a s − e s, p (a s) − (e s)."""
        m, e, (_, p) = self.machine, self.effective, self.softmax
        a = m.sum(e, 2)
        late = m.mul(m.add(m.mul(p, a), -e), self.scale)
        early = m.mul(e, self.scale)
        mass = m.pick(m.sum(early, 2), m.mul(a, self.scale))
        apart = m.add(m.mul(p, mass), -early)
        each = m.add(m.product(p, a, self.scale), -early)
        made = m.pick(late, apart, each)
        return m.store(np.where(self.rows.valid[None, :, None], made, 0.0))

    def gradient_target(self) -> Floats:
        """The gradient by class probabilities."""
        m = self.machine
        return m.store(m.product(self.keep, self.weights, self.scale, self.softmax[0]))

    def gradient_weight(self) -> Floats:
        """The gradient by class weights."""
        m = self.machine
        mixed = self.hits
        if self.rows.smoothing:
            mixed = m.add(m.mul(self.keep, self.hits), self.floor)
        return m.store(m.sum(m.product(mixed, self.scale, self.softmax[0]), 1))


def regression_value(
    machine: Machine, loss: str, x: Floats, y: Floats, reduction: str
) -> Floats:
    """Return MAE or MSE of `(N,)`."""
    d = _difference(machine, x, y)
    terms = np.abs(d) if loss == "mae" else machine.mul(d, d)
    if reduction == "none":
        return (
            terms if loss == "mae" and machine.contract.stages else machine.store(terms)
        )
    # |d| of a stored d is stored already.
    terms = terms if loss == "mae" else machine.stage(terms)
    if reduction == "sum":
        return machine.store(machine.sum(terms, 1))
    n = machine.constant(float(terms.shape[1]))
    late = machine.div(machine.sum(terms, 1), n)
    return machine.store(machine.pick(late, machine.sum(machine.div(terms, n), 1)))


def _difference(machine: Machine, x: Floats, y: Floats) -> Floats:
    x, y = (machine.argument(a[None, :, None]) for a in np.broadcast_arrays(x, y))
    return machine.stage(machine.add(x, -y))


def regression_gradient(
    machine: Machine, loss: str, pair: tuple[Floats, Floats], up: Floats, *, mean: bool
) -> Floats:
    """Return the gradient of MAE or MSE by the input, factors in any order.

    An input of one element is broadcast, and its gradient is a sum.
    """
    made = _slope(machine, loss, pair, up, mean=mean)
    stored = loss == "mae" and machine.contract.stages
    if pair[0].size < pair[1].size:
        made = machine.sum(made if stored else machine.stage(made), 1)
        stored = False
    return made if stored else machine.store(made)


def _slope(
    machine: Machine, loss: str, pair: tuple[Floats, Floats], up: Floats, *, mean: bool
) -> Floats:
    d, u = _difference(machine, *pair), machine.argument(up[None, :, None])
    n = machine.constant(float(d.shape[1]))
    early = machine.stage(machine.div(u, n)) if mean else u
    if loss == "mae":
        return np.asarray(np.sign(d) * early)
    if not mean:
        return machine.mul(2 * d, u)
    first = machine.mul(2 * d, early)
    share = machine.stage(machine.div(np.full((1, 1, 1), 2.0), n))
    second = machine.mul(d, share)
    if not (power(u) | power(share)).all():  # else storing twice is storing once
        second = machine.stage(second)
    second = machine.mul(second, u)
    if machine.contract.stages:
        return machine.pick(first, second)
    return machine.pick(first, second, machine.div(machine.mul(2 * d, u), n))
