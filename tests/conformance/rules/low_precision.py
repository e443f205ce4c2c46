"""Machines of a few bits that round as badly as the bounds allow.

They are independent of the backends and of the rules: numbers are float64, formats are
(p, emin, emax), and every operation is written out. Arrays have three axes, of which
the first counts adversaries: each draws, operation by operation, which way to err.

Two kinds of machine:

* `grid`: results are numbers of the format. Arithmetic rounds to nearest; `exp` and
  `log` give a number of the format at most k ulp away, above or below, save e⁰ and
  log 1.
* `model`: results are real numbers. Arithmetic errs by exactly u, relatively, or by η
  where a product is subnormal, and not at all where the result is a number of the
  format, where 0 is added, and where a power of two is multiplied by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.rules.arithmetic import Arithmetic, Level
from reference.formats import Format

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tiny(Level):
    """A format of few bits, which no NumPy data type stores."""

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Say which float64 values are numbers of this format."""
        with np.errstate(all="ignore"):
            same = (nearest(values, self) == values) & (np.abs(values) <= self.largest)
            return np.asarray(same & self.survives(values))


def tiny(
    precision: int, emin: int = -900, emax: int = 900, *, flush: bool = False
) -> Tiny:
    """Return a format; by default nothing over- or underflows in it."""
    fmt = Format("tiny", "float64", precision, emin, emax)
    eta = float(fmt.smallest_subnormal) / 2
    lost = 2.0**emin if flush else 0.0
    return Tiny(fmt, float(fmt.unit_roundoff), eta, float(fmt.largest), lost)


def arithmetic(
    compute: Level,
    storage: Level | None = None,
    *,
    ulps: float = 1.0,
    **others: Any,
) -> Arithmetic:
    """Return the contract `wide` with these formats, for sums in any order."""
    error = 2 * ulps * compute.u
    made = Arithmetic(
        compute,
        compute,
        compute if storage is None else storage,
        stages=False,
        exp=error,
        log=error,
        lanes=None,
    )
    return replace(made, **others)


def spacing(values: Floats, level: Level) -> Floats:
    """Return the distance between neighbours of the format around each value."""
    _, exponent = np.frexp(values)
    lowest = level.format.emin - level.format.precision + 1
    steps = np.maximum(exponent - level.format.precision, lowest)
    return np.ldexp(np.ones(np.shape(values)), steps)


def nearest(values: Floats, level: Level) -> Floats:
    """Return the numbers of the format nearest to the values, ties to even."""
    step = spacing(values, level)
    return np.rint(values / step) * step


def power(values: Floats) -> NDArray[np.bool_]:
    """Say which values are powers of two."""
    mantissa, _ = np.frexp(np.abs(values))
    return np.asarray(mantissa == 0.5)


class Machine:
    """An arithmetic that errs as much as a contract allows.

    Args:
        contract: The formats and the errors of `exp` and `log`.
        seed: Of everything drawn.
        count: Adversaries.
        grid: Is every result a number of the format?
    """

    def __init__(
        self, contract: Arithmetic, seed: int, count: int, *, grid: bool
    ) -> None:
        """Prepare the source of choices."""
        self.contract = contract
        self.compute = contract.compute
        self.grid = grid
        self.count = count
        self.random = np.random.default_rng(seed)
        self.flushing = self.random.random((count, 1, 1)) < 0.7

    def signs(self, shape: tuple[int, ...]) -> Floats:
        """Return a direction for every element; most adversaries use one for all."""
        lead = (self.count, 1, 1)
        one = self.random.choice([-1.0, 1.0], size=lead)
        many = self.random.choice([-1.0, 1.0], size=shape)
        return np.where(self.random.random(lead) < 0.75, one, many)

    def pick(self, *results: Floats) -> Floats:
        """Return for each adversary one of several ways to compute the same."""
        shape = np.broadcast_shapes(*(r.shape for r in results))
        full = np.stack([np.broadcast_to(r, shape) for r in results])
        chosen = self.random.integers(len(results), size=shape[0])
        return np.asarray(full[chosen, np.arange(shape[0])])

    def fit(self, exact: Floats, level: Level, *, tails: bool) -> Floats:
        """Return rounded results; `tails`: can the operation itself underflow?"""
        exact = self.spread(exact)
        if self.grid:
            made = nearest(exact, level)
        else:
            small = np.abs(exact) < 2.0**level.format.emin
            amount = np.where(small, level.eta * float(tails), level.u * np.abs(exact))
            amount = np.where(level.holds(exact), 0.0, amount)
            made = exact + self.signs(exact.shape) * amount
        return self.flushed(made, level)

    def flushed(self, made: Floats, level: Level) -> Floats:
        """Return zeros for subnormal results if the contract allows it."""
        small = (np.abs(made) < level.flush) & self.flushing
        return np.where(small, 0.0, made)

    def argument(self, given: Floats) -> Floats:
        """Return an argument, whose subnormal numbers may be flushed."""
        if not self.contract.storage.flush:
            return given
        return self.flushed(self.spread(given), self.contract.storage)

    def add(self, a: Floats, b: Floats, level: Level | None = None) -> Floats:
        """Return a + b, by default in the compute format."""
        level = self.compute if level is None else level
        made = self.fit(a + b, level, tails=False)
        nothing = (a == 0) | (b == 0)
        return np.where(nothing, self.flushed(self.spread(a + b), level), made)

    def fma(self, a: Floats, b: Floats, c: Floats) -> Floats:
        """Return a · b + c, rounded once."""
        return self.fit(a * b + c, self.compute, tails=True)

    def mul(self, a: Floats, b: Floats) -> Floats:
        """Return a · b."""
        made = self.fit(a * b, self.compute, tails=True)
        if self.grid:
            return made
        normal = np.abs(a * b) >= 2.0**self.compute.format.emin
        scaled = (power(a) | power(b)) & normal
        one = (np.abs(a) == 1) | (np.abs(b) == 1)
        return np.where(scaled | one, self.flushed(a * b, self.compute), made)

    def div(self, a: Floats, b: Floats) -> Floats:
        """Return a / b, or a · (1 / b)."""
        direct = self.fit(a / b, self.compute, tails=True)
        normal = np.abs(a / b) >= 2.0**self.compute.format.emin
        direct = np.where((power(b) & normal) | (b == 1), a / b, direct)
        reciprocal = self.fit(1 / b, self.compute, tails=True)
        return self.pick(direct, self.mul(a, reciprocal))

    def product(self, *factors: Floats) -> Floats:
        """Return the product of all factors, in any order."""
        order = self.random.permutation(len(factors))
        made = self.spread(factors[order[0]])
        for i in order[1:]:
            made = self.mul(made, factors[i])
        return made

    def stage(self, a: Floats) -> Floats:
        """Return what a public operation returns."""
        return self.store(a) if self.contract.stages else a

    def store(self, a: Floats) -> Floats:
        """Return a in the storage format."""
        if self.contract.storage == self.compute:
            return a
        return self.fit(a, self.contract.storage, tails=True)

    def constant(self, value: float) -> Floats:
        """Return a constant rounded once."""
        return self.fit(np.full((1, 1, 1), value), self.compute, tails=True)

    def spread(self, a: Floats) -> Floats:
        """Return an array for every adversary."""
        return np.broadcast_to(a, (self.count, *a.shape[1:]))

    def exp(self, a: Floats) -> Floats:
        """Return e**a; e**0 is 1."""
        made = self._function(np.exp(self.spread(a)), self.contract.exp)
        return np.where(self.spread(a) == 0, 1.0, made)

    def exp2(self, a: Floats) -> Floats:
        """Return 2**a; 2**0 is 1."""
        made = self._function(np.exp2(self.spread(a)), self.contract.exp)
        return np.where(self.spread(a) == 0, 1.0, made)

    def log(self, a: Floats) -> Floats:
        """Return log a; log 1 is 0, unless there is an absolute error."""
        made = self._function(np.log(self.spread(a)), self.contract.log)
        return made + self.signs(made.shape) * self.contract.log_absolute

    def log2(self, a: Floats) -> Floats:
        """Return the logarithm to base 2; that of 1 is 0."""
        return self._function(np.log2(self.spread(a)), self.contract.log)

    def _function(self, exact: Floats, relative: float) -> Floats:
        if self.grid:
            ulps = relative / (2 * self.compute.u)
            step = spacing(exact, self.compute)
            up = np.floor(exact / step + ulps) * step
            down = np.ceil(exact / step - ulps) * step
            made = np.where(self.signs(exact.shape) > 0, up, down)
        else:
            small = np.abs(exact) < 2.0**self.compute.format.emin
            tail = relative / self.compute.u * self.compute.eta
            amount = np.where(small, tail, relative * np.abs(exact))
            made = exact + self.signs(exact.shape) * amount
        return self.flushed(np.where(exact == 0, 0.0, made), self.compute)

    def sum(self, a: Floats, axis: int) -> Floats:
        """Return sums, axes kept, in sequential, random or pairwise order."""
        full = self.spread(a)
        if not full.shape[axis]:
            return np.asarray(full.sum(axis=axis, keepdims=True))
        if self.contract.sums.u > self.compute.u:
            full = self.fit(full, self.contract.sums, tails=True)
        order = self.random.permutation(full.shape[axis])
        parts = [np.take(full, [i], axis) for i in order]
        pairwise = self.random.random() < 0.25
        while len(parts) > 1:
            joined = self.add(parts.pop(0), parts.pop(0), self.contract.sums)
            parts.insert(len(parts) if pairwise else 0, joined)
        if self.contract.sums.u >= self.compute.u:
            return parts[0]
        # A lone addend is a number of the compute format already.
        several = (full != 0).sum(axis=axis, keepdims=True) > 1
        return np.where(several, self.fit(parts[0], self.compute, tails=True), parts[0])
