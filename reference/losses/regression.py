r"""What MAE and MSE share: broadcasting, reduction, and gradients summed back.

With x and y broadcast against each other to one shape of n elements and d = x − y:

.. math:: L = \sum_i \ell(d_i) / n \text{ (mean)}, \quad \sum_i \ell(d_i) \text{ (sum)},
    \quad \ell(d_i) \text{ (none)}

.. math:: \partial L/\partial x_i = \ell'(d_i)\, u_i / n, \qquad
    \partial L/\partial y_i = -\partial L/\partial x_i

The gradient by a broadcast argument is the sum over the elements that its element was
repeated to. Everything is rational: there is no error at all.

Along a direction v of the shape of x, broadcast like x:

.. math:: (H v)_i = \ell''(d_i)\, v_i\, u_i / n, \qquad
    J v = \sum_i \ell'(d_i)\, v_i / n \text{ (mean; without Σ for none)}

H v, the derivative of the gradient by x, is summed back like it. Where d, v or, in H v,
u is not finite, anything is admitted: no source says what is due. So it is for the mean
of no element, 0/0.

Two ways lead to the same numbers. The *rational* way, here, takes any argument and
makes all elements at once. The *fast* way, `reference.fast.regression`, takes floats:
it makes sums by integer arithmetic on their bits, and elements in float64 columns with
a proved radius; an exact element is made when it is asked for, alone. ℓ' is odd, so the
gradient by y is that by x with the two exchanged.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference.element import Admit, Element, element
from reference.enclosure import Enclosure
from reference.extended import (
    Extended,
    divide,
    is_finite,
    is_nan,
    multiply,
    subtract,
    total,
)
from reference.fast import regression as fast_way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from reference.fast.differences import Formula
    from reference.problem import Problem

ANY: Final = (
    Admit.NAN | Admit.PLUS_INFINITY | Admit.MINUS_INFINITY | Admit.ZERO | Admit.FINITE
)
SMALL: Final = 64
"""Below so many pairs of numbers the rational way is the quicker one."""


@dataclass(frozen=True)
class Regression:
    """A loss of one difference.

    Attributes:
        term: d → ℓ(d).
        slope: d → ℓ'(d), and what the table of special values admits beside it.
        curvature: ℓ'', which depends on no d.
        term_sum: x, y → Σ ℓ(x − y) for finite float arrays that broadcast.
        slope_sum: x, y, u → Σ ℓ'(x − y) u for such arrays.
        terms: ℓ(x − y) as columns.
        slopes: ℓ'(x − y) times a scale as columns.
    """

    term: Callable[[Extended], Extended]
    slope: Callable[[Extended], tuple[Extended, Admit]]
    curvature: Fraction
    term_sum: Callable[[NDArray[Any], NDArray[Any]], Fraction]
    slope_sum: Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], Fraction]
    terms: Formula
    slopes: Formula


def value(loss: Regression, problem: Problem, *, fast: bool = True) -> Enclosure:
    """Return the exact loss, of shape `problem.value_shape`.

    Args:
        loss: MAE or MSE.
        problem: The question.
        fast: May the fast way be taken? The answers are the same.
    """
    quick = fast_way.value(loss, problem) if fast and _is_large(problem) else None
    return _value(loss, problem) if quick is None else quick


def gradients(
    loss: Regression, problem: Problem, *, fast: bool = True
) -> dict[str, Enclosure]:
    """Return the exact gradients by `input` and `target`, each of that shape.

    Arguments are those of `value`.
    """
    quick = fast_way.gradients(loss, problem) if fast and _is_large(problem) else None
    return _gradients(loss, problem) if quick is None else quick


def derivatives(loss: Regression, problem: Problem) -> dict[str, Enclosure]:
    """Return the exact `hvp`, of the shape of `input`, and `jvp`, of the value's.

    Args:
        loss: MAE or MSE.
        problem: The question; without a tangent there is nothing to return.
    """
    if problem.tangent is None:
        return {}
    d = _differences(problem)
    v = np.broadcast_to(problem.tangent.values, d.shape).ravel()
    bent = _once(partial(_along, loss.curvature), _scales(problem), v, d.ravel())
    also = [ANY if is_nan(b) else Admit.NOTHING for b in bent]
    one = Fraction(1)
    slopes = _once(lambda e, w: _along(loss.slope(e)[0], one, w, e), d.ravel(), v)
    return {
        "hvp": _collect(bent, also, d.shape, problem.input.shape),
        "jvp": _forward(slopes, problem),
    }


def _along(factor: Extended, scale: Extended, v: Extended, d: Extended) -> Extended:
    """Return factor · scale · v; nan, for anything, where a number is not finite."""
    if all(map(is_finite, (factor, scale, v, d))):
        return multiply(multiply(factor, scale), v)
    return math.nan


def _forward(slopes: list[Extended], problem: Problem) -> Enclosure:
    """Return the terms ℓ'(d) v after the reduction."""
    made = slopes
    if problem.reduction != "none":
        made = [_total(slopes)]
    if problem.reduction == "mean":
        made = [divide(made[0], Fraction(len(slopes)))]
    items = _once(lambda t: element(t, ANY if is_nan(t) else Admit.NOTHING), made)
    return _exact(items, problem.value_shape)


def _scales(problem: Problem) -> list[Extended]:
    """Return u/n for each pair of numbers."""
    u, full = problem.upstream, problem.term_shape
    n = math.prod(full) if problem.reduction == "mean" else 1
    up = np.broadcast_to(_one() if u is None else u.values, full).ravel()
    # u/n first: for n = 0 there is no element, so the divisor is never zero.
    return _once(lambda w: divide(w, Fraction(n)), up)


def _is_large(problem: Problem) -> bool:
    return math.prod(problem.term_shape) >= SMALL


def _value(loss: Regression, problem: Problem) -> Enclosure:
    terms = _once(loss.term, _differences(problem).ravel())
    if problem.reduction == "none":
        return _exact(_once(element, terms), problem.value_shape)
    result = _total(terms)
    if problem.reduction == "mean":
        result = divide(result, Fraction(len(terms)))
    return _exact([element(result)], ())


def _gradients(loss: Regression, problem: Problem) -> dict[str, Enclosure]:
    d = _differences(problem)
    n = d.size if problem.reduction == "mean" else 1
    u = problem.upstream
    up = np.broadcast_to(_one() if u is None else u.values, d.shape).ravel()
    pairs = _once(loss.slope, d.ravel())
    # u/n first: for n = 0 there is no element, so the divisor is never zero.
    scales = _once(lambda w: divide(w, Fraction(n)), up)
    terms = _once(multiply, [s for s, _ in pairs], scales)
    also = [a for _, a in pairs]
    opposite = _once(lambda t: -t, terms)
    return {
        "input": _collect(terms, also, d.shape, problem.input.shape),
        "target": _collect(opposite, also, d.shape, problem.target.shape),
    }


def _once(function: Callable[..., Any], *columns: Iterable[Any]) -> list[Any]:
    """Return what `function` makes of each row; the same objects are evaluated once."""
    done: dict[tuple[int, ...], Any] = {}
    kept = [list(column) for column in columns]  # keeps the objects, so ids stay unique
    result = []
    for row in zip(*kept, strict=True):
        key = tuple(map(id, row))
        if key not in done:
            done[key] = function(*row)
        result.append(done[key])
    return result


def _total(terms: list[Extended]) -> Extended:
    """Return the sum, each distinct object multiplied by its count."""
    values = {id(t): t for t in terms}
    counts = Counter(map(id, terms))
    return total(multiply(Fraction(n), values[i]) for i, n in counts.items())


def _one() -> NDArray[Any]:
    return np.array(Fraction(1), dtype=object)


def _differences(problem: Problem) -> NDArray[Any]:
    x, y = np.broadcast_arrays(problem.input.values, problem.target.values)
    flat = _once(subtract, x.ravel(), y.ravel())
    result = np.empty(len(flat), dtype=object)
    result[:] = flat
    return result.reshape(x.shape)


def _collect(
    terms: list[Extended],
    also: list[Admit],
    full: tuple[int, ...],
    shape: tuple[int, ...],
) -> Enclosure:
    """Sum the terms of the broadcast shape `full` back into `shape`."""
    if shape == full:
        return _exact(_once(element, terms, also), shape)
    size = math.prod(shape)
    owner = np.broadcast_to(np.arange(size).reshape(shape), full).ravel()
    parts: list[list[Extended]] = [[] for _ in range(size)]
    admitted = [Admit.NOTHING] * size
    for i, term, a in zip(owner, terms, also, strict=True):
        parts[i].append(term)
        admitted[i] |= a
    # In a sum with other terms, an admitted zero admits the sum of the others.
    items = [
        element(total(p), a | Admit.FINITE if a and len(p) > 1 else a)
        for p, a in zip(parts, admitted, strict=True)
    ]
    return _exact(items, shape)


def _exact(items: list[Element], shape: tuple[int, ...]) -> Enclosure:
    return Enclosure(shape, lambda _precision: items)
