r"""Running error analysis: every step adds what it can do wrong to a list of causes.

A `Running` quantity stands for an intermediate result z of an implementation: `value`
is the exact intermediate (to a few float64 roundings) and `terms` says how far what the
machine holds, ẑ, can be from it: |ẑ − z| ≤ Σ terms. Each operation is one line of
algebra:

* product: \|âb̂ − ab\| ≤ \|a\| e_b + \|b\| e_a + e_a e_b, then rounded;
* quotient by b with relative error δ < 1:
  \|â/b̂ − a/b\| ≤ (e_a + \|a\| δ) / (\|b\| (1 − δ));
* sum of n addends in a tree of height h: Σ e_i + γ_h Σ (\|z_i\| + e_i)
  (Higham, ASNA, section 4.2: each addend passes at most h roundings);
* rounding: u (\|z\| + e), and η where a product or quotient may become subnormal;
* flushing, if the contract permits it: what is smaller than the smallest normal number
  may become zero, an argument, a result or a partial sum, and loses itself at most.

**Exactness (rule S0).** `held` carries the machine's number wherever it is known to the
last bit: an argument, or an operation whose exact result is a number of the format
(then rounding does nothing). If all addends of a sum are held and are multiples of some
q with Σ \|z_i\| ≤ 2**p q, every partial sum in every order is a number of the format:
the sum is exact and its bound is zero.

**The bound's own arithmetic.** All terms are nonnegative and are made by at most a few
thousand float64 operations that only add, multiply and divide nonnegative numbers, so
they are accurate to well under 2**−20 relatively; `Bound` multiplies by 1 + 2**−20 at
the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from conformance.rules.arithmetic import SMALLEST
from conformance.rules.exactness import (
    UNKNOWN,
    exact_sum,
    held_product,
    held_quotient,
    held_sum,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.rules.arithmetic import Arithmetic, Level

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Running:
    """An intermediate result with its error by cause.

    Attributes:
        value: The exact intermediate, signed.
        terms: Cause → largest absolute error from it; shapes broadcast with `value`.
        held: What the machine holds where that is known exactly, else nan.
        lost: Where an intermediate leaves the range of the compute format, or a sum has
            no bound: the contract promises nothing there.
        grid: Name of the format the machine's number is known to belong to, if any:
            storing it there again does nothing.
    """

    value: Floats
    terms: Mapping[str, Floats]
    held: Floats
    lost: NDArray[np.bool_]
    grid: str = ""

    @classmethod
    def exact(cls, value: Floats) -> Self:
        """Return an argument: held exactly."""
        lost = np.zeros(value.shape, dtype=np.bool_)
        return cls(value, {}, value, lost)

    @classmethod
    def argument(cls, value: Floats, arithmetic: Arithmetic) -> Self:
        """Return an argument: held exactly, unless it may have been flushed."""
        lost = arithmetic.storage.flushes(value, np.zeros(value.shape))
        return cls.exact(value).plus_error("flush", lost)

    @property
    def error(self) -> Floats:
        """The sum of the terms."""
        total = np.zeros(self.value.shape)
        for term in self.terms.values():
            total = total + term
        return total

    @property
    def size(self) -> Floats:
        """The largest magnitude the machine can hold: |z| + e."""
        return np.abs(self.value) + self.error

    def plus_error(self, cause: str, amount: Floats | float) -> Self:
        """Return the quantity with another error; where that is not 0, none is held."""
        amount = _like(np.asarray(amount, dtype=np.float64), self.value)
        if not amount.any():
            return self
        terms = dict(self.terms)
        terms[cause] = terms[cause] + amount if cause in terms else amount
        held = np.where(amount > 0, UNKNOWN, self.held)
        # By hand: `replace` costs more than the arithmetic on arrays of this size.
        return type(self)(self.value, terms, held, self.lost, self.grid)

    def rounded(
        self,
        level: Level,
        cause: str,
        *,
        times: float = 1.0,
        underflow: Floats | float = 0.0,
    ) -> Self:
        """Return the quantity after `times` roundings into `level`."""
        exact = level.holds(self.held)
        relative = times * level.u / (1 - times * level.u)
        amount = np.where(exact, 0.0, relative * self.size + underflow)
        made = self.plus_error(cause, amount)
        if not level.flush:
            return made
        lost = level.flushes(made.value, made.error)
        return made.plus_error("flush", np.where(exact, 0.0, lost))

    def stored(self, arithmetic: Arithmetic, cause: str = "storage") -> Self:
        """Return the quantity as it leaves: one rounding into the storage format."""
        storage = arithmetic.storage
        if storage == arithmetic.compute == arithmetic.sums:
            return self
        if self.grid == storage.format.name:
            return self
        made = self.rounded(storage, cause, underflow=storage.eta)
        return replace(made, grid=storage.format.name)

    def staged(self, arithmetic: Arithmetic, cause: str = "stages") -> Self:
        """Return the quantity after a public operation of a staged contract."""
        return self.stored(arithmetic, cause) if arithmetic.stages else self

    def within(self, arithmetic: Arithmetic, factor: Floats | float = 1.0) -> Self:
        """Mark where this intermediate leaves the range of the compute format."""
        outside = ~(self.size * factor <= arithmetic.largest)
        lost = self.lost | outside
        return type(self)(self.value, self.terms, self.held, lost, self.grid)

    def times(
        self, other: Running, arithmetic: Arithmetic, cause: str = "product"
    ) -> Self:
        """Return the product, rounded once in the compute format."""
        value = self.value * other.value
        terms: dict[str, Floats] = {}
        for name, term in self.terms.items():
            terms[name] = _scaled(term, np.abs(other.value))
        for name, term in other.terms.items():
            moved = _scaled(term, self.size)
            terms[name] = terms[name] + moved if name in terms else moved
        held = held_product(self.held, other.held)
        made = replace(
            self,
            value=value,
            terms=terms,
            held=held,
            lost=self.lost | other.lost,
            grid="",
        )
        return made.rounded(arithmetic.compute, cause, underflow=arithmetic.compute.eta)

    def over(
        self, other: Running, arithmetic: Arithmetic, cause: str = "division"
    ) -> Self:
        """Return the quotient, rounded once in the compute format."""
        size = np.abs(other.value)
        delta = other.error / size
        # Where the divisor may be 0 nothing is promised, see `lost`.
        shrink = np.maximum(size * (1 - delta), 0.0)
        value = self.value / other.value
        terms = {name: term / shrink for name, term in self.terms.items()}
        for name, term in other.terms.items():
            moved = np.abs(self.value) * (term / size) / shrink
            terms[name] = terms[name] + moved if name in terms else moved
        held = held_quotient(self.held, other.held)
        lost = self.lost | other.lost | ~(delta < 1)
        made = replace(self, value=value, terms=terms, held=held, lost=lost, grid="")
        return made.rounded(arithmetic.compute, cause, underflow=arithmetic.compute.eta)

    def plus(
        self, other: Running, arithmetic: Arithmetic, cause: str = "addition"
    ) -> Self:
        """Return the sum of two, rounded once in the compute format."""
        terms = dict(self.terms)
        for name, term in other.terms.items():
            terms[name] = terms[name] + term if name in terms else term
        made = replace(
            self,
            value=self.value + other.value,
            terms=terms,
            held=held_sum(self.held, other.held),
            lost=self.lost | other.lost,
            grid="",
        )
        return made.rounded(arithmetic.compute, cause)

    def magnitude(self) -> Self:
        """Return |z|, which rounds nothing."""
        return replace(self, value=np.abs(self.value), held=np.abs(self.held))

    def scaled(self, factor: Floats | float) -> Self:
        """Return factor · z for a factor ±1, 0 or 2, which rounds nothing."""
        size = np.abs(factor)
        return replace(
            self,
            value=self.value * factor,
            terms={k: v * size for k, v in self.terms.items()},
            held=np.where(size == 0, 0.0, self.held * factor),
            grid=self.grid if np.all((size == 1) | (size == 0)) else "",
        )

    def take(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Self:
        """Return the elements at (rows, columns)."""
        terms = {k: _like(t, self.value)[rows, columns] for k, t in self.terms.items()}
        return replace(
            self,
            value=self.value[rows, columns],
            terms=terms,
            held=self.held[rows, columns],
            lost=self.lost[rows, columns],
        )

    def summed(
        self,
        arithmetic: Arithmetic,
        height: int,
        *,
        last_axis: bool = False,
        exactly: bool = True,
    ) -> Self:
        """Return the sum over everything (or the last axis), in a tree of `height`.

        Args:
            arithmetic: The contract. Addends are rounded into a narrower format of
                sums one by one, and the sum is rounded back from a wider one.
            height: Of the tree.
            last_axis: Sum over the last axis only?
            exactly: Are exact sums recognised (rule S0)? Only where it is these
                addends that are added.
        """
        axis, level = -1 if last_axis else None, arithmetic.sums
        addends = self
        if level.u > arithmetic.compute.u:
            addends = self.rounded(level, "summation", underflow=level.eta)
        made = addends.added(level, axis, exactly=exactly)
        gamma, weight = arithmetic.gamma(height), addends.size.sum(axis=axis)
        known = ~np.isnan(made.held)
        summation = np.zeros(weight.shape)
        # Where signs differ, a partial sum can overflow though the total does not.
        mixed = (self.value > 0).any(axis=axis) & (self.value < 0).any(axis=axis)
        if np.isfinite(gamma):
            flushed = (1 + gamma) * _flushed(addends, level, axis, mixed)
            summation = np.where(known, 0.0, gamma * weight + flushed)
        lost = made.lost | (~known & ~np.isfinite(gamma))
        lost |= mixed & ~(weight <= level.largest)
        made = replace(made, lost=np.asarray(lost)).plus_error("summation", summation)
        if level.u < arithmetic.compute.u:
            compute = arithmetic.compute
            made = made.rounded(compute, "summation", underflow=compute.eta)
        return made

    def added(self, level: Level, axis: int | None, *, exactly: bool) -> Self:
        """Return the sum without the errors of adding; held if every order is exact."""
        held = exact_sum(self.held, axis, level)
        return replace(
            self,
            value=np.asarray(self.value.sum(axis=axis)),
            terms={
                k: _like(t, self.value).sum(axis=axis) for k, t in self.terms.items()
            },
            held=held if exactly else np.full(held.shape, UNKNOWN),
            lost=np.asarray(self.lost.any(axis=axis)),
            grid="",
        )


def _flushed(addends: Running, level: Level, axis: int | None, mixed: Any) -> Floats:
    """Return what flushed partial sums lose, each what its format flushes."""
    if not level.flush:
        return np.zeros(np.shape(mixed))
    small = level.flushes(addends.value, addends.error) > 0
    count = (addends.size > 0).sum(axis=axis)
    # Partial sums of one sign are no smaller than their smallest addend.
    return np.where(mixed | small.any(axis=axis), count * level.flush, 0.0)


def _scaled(term: Floats, factor: Floats) -> Floats:
    """Return a product of nonnegative numbers that is 0 only if one of them is."""
    made: Floats = term * factor
    if (made != 0).all():
        return made
    return np.where((made == 0) & (term > 0) & (factor > 0), SMALLEST, made)


def _like(term: Floats, value: Floats) -> Floats:
    # np.broadcast_to costs more than the arithmetic around it on small arrays.
    return term if term.shape == value.shape else np.broadcast_to(term, value.shape)


def difference(x: Floats, y: Floats, arithmetic: Arithmetic) -> Running:
    """Return x − y of two arguments, not rounded yet."""
    made = replace(Running.exact(x - y), held=held_sum(x, -y))
    for argument in (x, y):
        lost = arithmetic.storage.flushes(argument, np.zeros(argument.shape))
        made = made.plus_error("flush", lost)
    return made
