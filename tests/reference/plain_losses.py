"""The losses a second time: as the textbook writes them, gradients by dual numbers.

Nothing is shared with `reference`: arrays are dictionaries or rows of rows,
log-softmax is x − log Σ e^x without a shift, the loss is differentiated mechanically,
and numbers are whatever a field offers: balls of Arb, or mpmath's at a high precision.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Index = tuple[int, ...]


class Field(Protocol):
    """Numbers with +, −, ×, ÷, and what else cross-entropy needs."""

    def of(self, value: Fraction) -> Any:
        """Return a rational as a number of the field."""

    def exp(self, value: Any) -> Any:
        """Return e**value."""

    def log(self, value: Any) -> Any:
        """Return the natural logarithm."""


@dataclass(frozen=True)
class Dual:
    """A number with its partial derivatives by named variables."""

    value: Any
    partials: dict[Any, Any] = field(default_factory=dict)

    def _chain(self, value: Any, *parts: tuple[Dual, Any]) -> Dual:
        partials: dict[Any, Any] = {}
        for dual, slope in parts:
            for key, d in dual.partials.items():
                partials[key] = (
                    partials[key] + slope * d if key in partials else slope * d
                )
        return Dual(value, partials)

    def __add__(self, other: Dual) -> Dual:
        """Return the sum."""
        return self._chain(self.value + other.value, (self, 1), (other, 1))

    def __sub__(self, other: Dual) -> Dual:
        """Return the difference."""
        return self._chain(self.value - other.value, (self, 1), (other, -1))

    def __mul__(self, other: Dual) -> Dual:
        """Return the product."""
        x, y = self.value, other.value
        return self._chain(x * y, (self, y), (other, x))

    def __truediv__(self, other: Dual) -> Dual:
        """Return the quotient."""
        x, y = self.value, other.value
        return self._chain(x / y, (self, 1 / y), (other, -x / (y * y)))

    def exp(self, numbers: Field) -> Dual:
        """Return e**self."""
        e = numbers.exp(self.value)
        return self._chain(e, (self, e))

    def log(self, numbers: Field) -> Dual:
        """Return the natural logarithm."""
        return self._chain(numbers.log(self.value), (self, 1 / self.value))


@dataclass(frozen=True)
class Classes:
    """A question to cross-entropy, as rows.

    Attributes:
        logits: The rows.
        target: A class index or the class probabilities of each row.
        weight: One number for each class, or None.
        ignore_index: The class index that is not counted.
        reduction: `none`, `mean` or `sum`.
        smoothing: The label smoothing.
        upstream: A cotangent for each number of the value, or None for ones.
    """

    logits: Sequence[Sequence[Fraction]]
    target: Sequence[int] | Sequence[Sequence[Fraction]]
    weight: Sequence[Fraction] | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    smoothing: Fraction = Fraction(0)
    upstream: Sequence[Fraction] | None = None

    @property
    def kept(self) -> list[int]:
        """The rows that are not ignored."""
        return [n for n, t in enumerate(self.target) if t != self.ignore_index]

    @property
    def divisor(self) -> Fraction:
        """What the sum is divided by."""
        if self.reduction != "mean":
            return Fraction(1)
        if any(not isinstance(t, int) for t in self.target):
            return Fraction(len(self.target))
        used = [self.target[n] for n in self.kept]
        return Fraction(sum(self.weight[y] if self.weight else 1 for y in used))


def plain_cross_entropy(
    case: Classes, numbers: Field
) -> tuple[list[Any], dict[Any, Any]]:
    """Return the loss and the derivatives of Σ upstream · loss.

    Returns:
        The numbers of the value, and the derivatives by ("input", n, c),
        ("target", n, c) and ("weight", c); what has no key does not enter.
    """
    values, partials = [], {}
    variables = variables_of(case, numbers)
    value = losses(case, numbers, variables)
    one = Dual(numbers.of(Fraction(1)))
    scalar = Dual(numbers.of(Fraction(0)))
    upstream = case.upstream or [Fraction(1)] * len(value)
    for u, v in zip(upstream, value, strict=True):
        scalar = scalar + one * Dual(numbers.of(u)) * v
        values.append(v.value)
    partials = scalar.partials
    return values, partials


def variables_of(case: Classes, numbers: Field) -> dict[Any, Dual]:
    """Return the arguments of a case as variables."""
    given: dict[Any, Fraction] = {}
    for n, row in enumerate(case.logits):
        given |= {("input", n, c): x for c, x in enumerate(row)}
    for n, t in enumerate(case.target):
        if not isinstance(t, int):
            given |= {("target", n, c): p for c, p in enumerate(t)}
    if case.weight is not None:
        given |= {("weight", c): w for c, w in enumerate(case.weight)}
    one = numbers.of(Fraction(1))
    return {key: Dual(numbers.of(v), {key: one}) for key, v in given.items()}


def losses(case: Classes, numbers: Field, at: Mapping[Any, Dual]) -> list[Dual]:
    """Return the numbers of the value, from the formula of the documentation."""
    zero, one = Dual(numbers.of(Fraction(0))), Dual(numbers.of(Fraction(1)))
    classes = len(case.logits[0])
    share = Dual(numbers.of(case.smoothing / classes))
    rest = Dual(numbers.of(1 - case.smoothing))
    weight = [at.get(("weight", c), one) for c in range(classes)]
    terms, divisor = [], zero
    for n, t in enumerate(case.target):
        if isinstance(t, int):
            mass = [one if c == t else zero for c in range(classes)]
        else:
            mass = [at["target", n, c] for c in range(classes)]
        if t == case.ignore_index:
            terms.append(zero)
            continue
        exps = [at["input", n, c].exp(numbers) for c in range(classes)]
        whole = zero
        for e in exps:
            whole = whole + e
        log_whole, term = whole.log(numbers), zero
        for c in range(classes):
            surprise = log_whole - at["input", n, c]
            term = term + weight[c] * (mass[c] * rest + share) * surprise
        terms.append(term)
        divisor = divisor + (weight[t] if isinstance(t, int) else one)
    if case.reduction == "none":
        return terms
    total = zero
    for term in terms:
        total = total + term
    return [total / divisor if case.reduction == "mean" else total]


@dataclass(frozen=True)
class Regression:
    """The exact answer to MAE or MSE, by index."""

    value: dict[Index, Fraction]
    input: dict[Index, Fraction]
    target: dict[Index, Fraction]


_SLOPES: dict[
    str, tuple[Callable[[Fraction], Fraction], Callable[[Fraction], Fraction]]
] = {
    "mae": (abs, lambda d: Fraction(1 if d > 0 else -1 if d < 0 else 0)),
    "mse": (lambda d: d**2, lambda d: 2 * d),
}


def plain_regression(
    loss: str,
    x: Mapping[Index, Fraction],
    y: Mapping[Index, Fraction],
    shapes: tuple[Index, Index, Index],
    reduction: str,
    upstream: Mapping[Index, Fraction] | None,
) -> Regression:
    """Return the loss and its gradients, element by element of the full shape."""
    function, slope = _SLOPES[loss]
    x_shape, y_shape, full = shapes
    value: dict[Index, Fraction] = defaultdict(Fraction)
    by_x = dict.fromkeys(x, Fraction(0))
    by_y = dict.fromkeys(y, Fraction(0))
    places = list(itertools.product(*map(range, full)))
    for place in places:
        i, j = _source(place, x_shape), _source(place, y_shape)
        where = place if reduction == "none" else ()
        factor = Fraction(1, len(places)) if reduction == "mean" else Fraction(1)
        u = factor * (1 if upstream is None else upstream[where])
        value[where] += factor * function(x[i] - y[j])
        by_x[i] += u * slope(x[i] - y[j])
        by_y[j] -= u * slope(x[i] - y[j])
    if reduction == "sum" and not places:
        value[()] = Fraction(0)
    return Regression(dict(value), by_x, by_y)


def _source(place: Index, shape: Index) -> Index:
    """Return the index that broadcasting reads `place` from."""
    own = place[len(place) - len(shape) :]
    return tuple(0 if size == 1 else i for i, size in zip(own, shape, strict=True))
