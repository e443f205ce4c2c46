"""Log-softmax on a machine of a few bits, in each scheme."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from low_precision import Machine
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LogSoftmax:
    """Log-softmax over the last axis.

    Attributes:
        machine: The machine; its contract names the scheme.
        x: Logits, `(1 or adversaries, n, C)`.
    """

    machine: Machine
    x: Floats

    def made(self) -> tuple[Floats, Floats, Floats]:
        """Return −log p, the exponentials and their sum."""
        m = self.machine
        top = self.x.max(axis=2, keepdims=True)
        e = self._exponential(self.x, top)
        total = self._online() if m.contract.rescalings else m.sum(e, 2)
        if self._base_two:
            log = m.mul(m.log2(total), m.constant(math.log(2)))
        else:
            log = m.log(total)
        if m.contract.scheme == "lse":
            return m.add(m.add(top, log), -self.x), e, total
        return m.add(m.add(top, -self.x), log), e, total

    @property
    def _base_two(self) -> bool:
        return self.machine.contract.scheme.startswith("exp2")

    @cached_property
    def _factor(self) -> Floats:
        return self.machine.constant(math.log2(math.e))

    def _exponential(self, x: Floats, top: Floats) -> Floats:
        """Return e^{x − top} by the scheme."""
        m, scheme = self.machine, self.machine.contract.scheme
        if not self._base_two:
            return m.exp(-m.add(top, -x))
        if scheme == "exp2-diff":
            return m.exp2(m.mul(m.add(x, -top), self._factor))
        shift = m.mul(top, self._factor)
        if scheme == "exp2-fma":
            return m.exp2(m.fma(x, self._factor, -shift))
        # One multiplication of equal numbers gives one number.
        product = np.where(x == top, shift, m.mul(x, self._factor))
        return m.exp2(m.add(product, -shift))

    def _online(self) -> Floats:
        """Return S by one logit at a time, scaled when a larger one comes."""
        m = self.machine
        old = self.x[..., :1]
        total = m.spread(self._exponential(old, old))
        for j in range(1, self.x.shape[2]):
            one = self.x[..., j : j + 1]
            new = np.maximum(old, one)
            grown = m.mul(total, self._exponential(old, new))
            total = m.add(grown, self._exponential(one, new))
            old = new
        return total
