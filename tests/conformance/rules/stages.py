"""Cross-entropy by the documented composition, every operation stored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from pipelines import CrossEntropy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Staged(CrossEntropy):
    """What eager torch documents, on a machine of a few bits."""

    @cached_property
    def mixed(self) -> Floats:
        """Class probabilities after smoothing."""
        m = self.machine
        if not self.rows.smoothing:
            return self.hits
        return m.stage(m.add(m.stage(m.mul(self.hits, self.keep)), self.floor))

    def value(self) -> Floats:
        """Return the loss."""
        m, rows, surprise = self.machine, self.rows, self.softmax[0]
        if rows.probabilities is not None:
            terms = m.stage(m.mul(surprise, self.mixed))
            if rows.weight is not None:
                terms = m.stage(m.mul(terms, self.weights))
            return m.store(self._finished(m.sum(terms, 2), stage=True))
        own = m.sum(m.mul(m.mul(self.hits, self.weights), surprise), 2)
        own = m.stage(self._finished(own, stage=False))
        if not rows.smoothing:
            return own
        every = surprise
        if rows.weight is not None:
            every = m.stage(m.mul(every, self.weights))
        every = np.where(rows.valid[None, :, None], m.stage(m.sum(every, 2)), 0.0)
        every = m.stage(self._finished(every, stage=True))
        first = m.stage(m.mul(own, self.keep))
        return m.store(m.add(first, m.stage(m.mul(every, self.floor))))

    def _finished(self, terms: Floats, *, stage: bool) -> Floats:
        m, w = self.machine, self.denominator
        if self.rows.reduction == "none":
            return terms
        total = m.sum(terms[:, self.rows.valid], 1)
        total = m.stage(total) if stage else total
        return total if w is None else m.div(total, self._stored(w))

    def _stored(self, w: Floats) -> Floats:
        used = self.rows.weight is not None
        return self.machine.pick(w, self.machine.stage(w)) if used else w

    @cached_property
    def scale(self) -> Floats:
        """The upstream gradient, over W."""
        m, w = self.machine, self.denominator
        up = m.argument(self.rows.upstream[None, :, None])
        return up if w is None else m.stage(m.div(up, self._stored(w)))

    def gradient_input(self) -> Floats:
        """Return the gradient by the logits: g − p Σ g of a stored g = e s."""
        m = self.machine
        p, g = m.exp(-self.softmax[0]), self._backward()
        made = m.add(m.mul(p, m.sum(g, 2)), -g)
        return m.store(np.where(self.rows.valid[None, :, None], made, 0.0))

    def _backward(self) -> Floats:
        m, rows = self.machine, self.rows
        if rows.probabilities is not None:
            g = self.scale
            if rows.weight is not None:
                g = m.stage(m.mul(g, self.weights))
            return m.stage(m.mul(g, self.mixed))
        up = m.argument(rows.upstream[None, :, None])
        w = self.denominator
        first = m.stage(m.mul(up, self.keep)) if rows.smoothing else up
        own = m.mul(first, self.weights)
        own = own if w is None else m.div(own, w)
        own = m.stage(m.mul(self.hits, own))
        if not rows.smoothing:
            return own
        every = m.stage(m.mul(up, self.floor))
        every = every if w is None else m.stage(m.div(every, self._stored(w)))
        every = m.stage(m.mul(every, self.weights))
        every = np.where(rows.valid[None, :, None], every, 0.0)
        return m.stage(m.add(own, every))

    def gradient_target(self) -> Floats:
        """Return the gradient by class probabilities."""
        m, g = self.machine, self.scale
        if self.rows.weight is not None:
            g = m.stage(m.mul(g, self.weights))
        g = m.stage(m.mul(g, self.softmax[0]))
        return m.store(m.mul(g, self.keep) if self.rows.smoothing else g)

    def gradient_weight(self) -> Floats:
        """Return the gradient by class weights."""
        m = self.machine
        terms = m.stage(m.mul(self.softmax[0], self.mixed))
        return m.store(m.sum(m.stage(m.mul(terms, self.scale)), 1))
