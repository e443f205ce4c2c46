"""MAE and MSE of float arrays: exact sums, columns, and exact elements one at a time.

What a loss gives: `reference.losses.regression.Regression`. Every function returns None
where its arguments are not what it can do; the rational way takes those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference.element import Element, element
from reference.enclosure import Enclosure, no_tier
from reference.extended import Extended, divide, multiply, subtract, total
from reference.fast.bits import all_finite
from reference.fast.differences import Scale
from reference.fast.elementwise import Elementwise
from reference.fast.grouped import Grouped
from reference.lazy import Lazy
from reference.numbers import exactly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reference.enclosure import Tier
    from reference.losses.regression import Regression
    from reference.problem import Problem

SMALL_GROUP: Final = 16
"""Below so many addends rationals are added quicker one by one."""

_ONE: Final = np.ones(())


def value(loss: Regression, problem: Problem) -> Enclosure | None:
    """Return the exact loss, of shape `problem.value_shape`.

    None unless both arguments are floats; for a sum, finite ones, at least one.
    """
    x, y = problem.input.floats, problem.target.floats
    if x is None or y is None:
        return None
    if problem.reduction == "none":
        return _Pairs(x, y, None, Fraction(1)).terms(loss)
    n = math.prod(problem.term_shape)
    if not (n and all_finite(x) and all_finite(y)):
        return None
    divisor = n if problem.reduction == "mean" else 1
    items = [element(loss.term_sum(x, y) / divisor)]
    return Enclosure((), lambda _precision: items)


def gradients(loss: Regression, problem: Problem) -> dict[str, Enclosure] | None:
    """Return the exact gradients by `input` and `target`, each of that shape.

    None unless both arguments are floats, and the upstream number is finite or there is
    an array of floats; where an argument is broadcast, all must be finite.
    """
    x, y = problem.input.floats, problem.target.floats
    upstream = _upstream(problem)
    if x is None or y is None or upstream is None:
        return None
    pairs = _Pairs(x, y, *upstream)
    shapes = {"input": x.shape, "target": y.shape}
    if any(s != pairs.shape for s in shapes.values()) and not pairs.finite:
        return None
    return {
        "input": pairs.slopes(loss, x.shape),
        "target": pairs.exchanged().slopes(loss, y.shape),
    }


def _upstream(problem: Problem) -> tuple[NDArray[Any] | None, Fraction] | None:
    """Return the upstream numbers as an array, or none and one factor for all."""
    u = problem.upstream
    if u is not None and problem.reduction == "none":
        return None if u.floats is None else (u.floats, Fraction(1))
    up: Extended = Fraction(1) if u is None else u.values.item()
    if problem.reduction == "mean":
        # Of no element there is no gradient that could be divided by 0.
        up = divide(up, Fraction(max(math.prod(problem.term_shape), 1)))
    return (None, up) if isinstance(up, Fraction) else None


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Elements of float arrays that are broadcast against each other.

    Attributes:
        x: The argument that slopes are taken by.
        y: The other one.
        upstream: One factor of the slope for each pair, or None for ones.
        factor: One factor of all slopes.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    upstream: NDArray[Any] | None
    factor: Fraction

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(np.broadcast_shapes(self.x.shape, self.y.shape))

    @cached_property
    def finite(self) -> bool:
        """Are all numbers finite?"""
        given = (self.x, self.y, *self._upstreams)
        return all(map(all_finite, given))

    def exchanged(self) -> _Pairs:
        """Return the same with x and y exchanged."""
        return _Pairs(self.y, self.x, self.upstream, self.factor)

    def terms(self, loss: Regression) -> Enclosure:
        """Return ℓ(x − y) of every pair."""

        def make(i: int) -> Element:
            return element(loss.term(self._difference(np.unravel_index(i, self.shape))))

        items = Lazy(math.prod(self.shape), make)
        tier = Elementwise(loss.terms, (self.x, self.y), Scale(1.0), items)
        return Enclosure(self.shape, lambda _precision: items, tier)

    def slopes(self, loss: Regression, shape: tuple[int, ...]) -> Enclosure:
        """Return ℓ'(x − y) times the factors, summed back to `shape`, that of x."""
        make = self._slope if shape == self.shape else self._group_slope
        items = Lazy(math.prod(shape), lambda i: make(loss, i))
        tier = self._tier(loss, items)
        return Enclosure(shape, lambda _precision: items, tier)

    def _tier(self, loss: Regression, items: Lazy) -> Tier:
        scale = Scale.of(self.factor)
        arguments = (self.x, self.y, *self._upstreams)
        if scale is None:
            return no_tier
        if self.x.shape == self.shape:
            return Elementwise(loss.slopes, arguments, scale, items)
        # Few large groups are added up exactly, one by one; many small ones at once.
        if math.prod(self.shape) > len(items) ** 2:
            return no_tier
        return Grouped(loss.slopes, arguments, scale, items)

    def _slope(self, loss: Regression, i: int) -> Element:
        where = np.unravel_index(i, self.shape)
        slope, also = loss.slope(self._difference(where))
        factors = [self._number(u, where) for u in self._upstreams]
        return element(multiply(slope, factors[0] if factors else self.factor), also)

    def _group_slope(self, loss: Regression, i: int) -> Element:
        """Return the sum over the pairs that element i of x is repeated to."""
        x, y, u = np.broadcast_arrays(self.x, self.y, *(self._upstreams or (_ONE,)))
        kept = (1,) * (x.ndim - self.x.ndim) + self.x.shape
        group = tuple(
            slice(None) if size == 1 else slice(p, p + 1)
            for p, size in zip(np.unravel_index(i, kept), kept, strict=True)
        )
        x, y, u = x[group], y[group], u[group]
        if x.size >= SMALL_GROUP:
            return element(loss.slope_sum(x, y, u) * self.factor)
        rows = zip(exactly(x), exactly(y), exactly(u), strict=True)
        sums = total(multiply(loss.slope(subtract(a, b))[0], c) for a, b, c in rows)
        return element(multiply(sums, self.factor))

    @property
    def _upstreams(self) -> tuple[NDArray[Any], ...]:
        return () if self.upstream is None else (self.upstream,)

    def _difference(self, where: tuple[Any, ...]) -> Extended:
        return subtract(self._number(self.x, where), self._number(self.y, where))

    def _number(self, array: NDArray[Any], where: tuple[Any, ...]) -> Extended:
        chosen = np.broadcast_to(array, self.shape)[where]
        return exactly(np.asarray(chosen))[0]
