r"""Cross-entropy along a direction: the Hessian-vector product and forward mode.

For one row of logits x, a direction v of the same shape, effective weights e,
a = Σ_c e_c and p the softmax (see `reference.losses.cross_entropy`):

.. math:: (H v)_j = s\, a\, p_j \Bigl( v_j - \sum_k p_k v_k \Bigr), \qquad
    J v = \sum_j (a\, p_j - e_j)\, v_j

H v is the derivative along v of the gradient by `input`, of that shape; the cotangent,
inside s, is constant. J v is the derivative of the loss along v: of each row for
`none`, added up for `sum`, divided by W for `mean`; the cotangent has no part in it.

Source: torch.autograd.functional.hvp and torch.func.jvp say what the two are; the
formulas are the derivatives of the documented loss.

As exponentials
---------------

With the gaps t ≥ 0 to the largest logit, n_t logits at each, V_t = Σ v_k over them,
C_t = n_t v_j − V_t, k = n_0, and s = Σ_{t>0} n_t e^{−t}, S = k + s:

.. math:: \frac{(H v)_j}{κ} = \frac{e^{-t_j}}{S^2} \sum_t C_t e^{-t}, \qquad
    J v = \frac{a V_0}{k} - \sum_c e_c v_c
    + \frac a S \sum_{t>0} \Bigl( V_t - \frac{n_t V_0}{k} \Bigr) e^{-t}.

So v_j − Σ p v is Σ p_k (v_j − v_k), and all that could cancel between equal gaps
does so in rational arithmetic. Where x_j is a largest logit, κ C_0/k² is split off H v
as its rational part (two largest logits beside one that is far below):

.. math:: \frac{(H v)_j}{κ} = \frac{C_0}{k^2} + \frac{1}{k^2 S^2}
    \Bigl( \sum_{t>0} (k^2 C_t - 2 k C_0 n_t) e^{-t} - C_0 s^2 \Bigr).

What is left are sums of exponentials with coefficients of both signs. Those of one sign
are added up to a relative 2**−P each, as in `reference.remainder`, and the enclosure is
that of their difference. In units ω = 2**(1 − w), w = P + 32 + b, to first order: an
exponential F + 1/4, its coefficient and the product 1, a sum of n addends n/2, s² and
S² 2σ + 1 each with σ = F + 3/4 + n/2, the quotient and its factors 2. Altogether less
than 4 F + 3 n + 12, and F = 2**20, n < 2**b: below 2**(−P − 8), doubled as there.

**When is it rational?** By the theorem of Lindemann and Weierstrass in
`reference.losses.logforms`: let the row have a gap t > 0, T its largest, and suppose
e^{−t_j} Σ C_t e^{−t} = ρ S² with ρ rational. On the right stand e^0 with ρ k² and
e^{−2T} with ρ n_T². The exponents on the left lie in [t_j, t_j + T]: they do not reach
e^0 if t_j > 0, nor e^{−2T} if t_j = 0. So ρ = 0, and all C_t are 0. For J v of one row:
Σ_{t>0} D_t e^{−t} = ρ S has no e^0 on the left, so ρ = 0, and all D_t are 0. Hence,
with κ = s a, the whole list: κ = 0, p_j = 0, no gap t > 0, or all C_t (all D_t) 0,
constant v among them. All are found before anything is evaluated. In sums over rows
terms of the same S are merged; between different S there are rational values that
nothing recognises, as in `logforms`.

Special values
--------------

=============================  ============================  ===========================
where                          H v; also    J v; also        reason
=============================  ============================  ===========================
row with nan, +inf or all      anything     anything         no source says; 0 · nan and
−inf, or v, weight,                                          inf − inf come in any order
probability (H v: u) not
finite
−inf, e_c = 0 by absence       as if the class were not      p_c = 0 exactly
                               there
−inf with e_c, 0 or not        the formula  the formula      the loss is inf or 0 · inf;
                               with p_c = 0; with p_c = 0;   a product rule that forms
                               also nan,    also nan, ±inf   0 · log 0 gives nan (optax)
                               ±inf
ignored row                    0            contributes 0    it does not enter
ignored row, not finite as     0; also nan  contributes 0;   a mask may multiply by 0
above                                       also nan
W = 0, mean                    anything     anything         0/0, x/0
W = 0, all rows ignored        0; also nan  anything         as for the gradient
no class (C = 0)               (empty)      anything         the loss may be nan
=============================  ============================  ===========================

"Anything" admits every class of results, finite numbers among them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

from mpmath import libmp

from reference.element import Admit, Element
from reference.enclosure import Enclosure
from reference.extended import is_finite, total
from reference.lazy import Lazy
from reference.numbers import exactly
from reference.problem import class_axis_last
from reference.remainder import (
    GUARD_BITS,
    NOTHING,
    ZERO,
    Mpf,
    Remainder,
    add_up,
    difference,
    from_fraction,
    widen,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from reference.extended import Extended
    from reference.losses.cross_entropy import CrossEntropy, Row
    from reference.losses.logforms import Evaluator, Spread
    from reference.numbers import Numbers

ANY: Final = (
    Admit.NAN | Admit.PLUS_INFINITY | Admit.MINUS_INFINITY | Admit.ZERO | Admit.FINITE
)
NOT_FINITE: Final = Admit.NAN | Admit.PLUS_INFINITY | Admit.MINUS_INFINITY
ANYTHING: Final = Element(special=math.nan, also=ANY)

Sums = dict[Fraction, Fraction]
"""Gap t → a rational coefficient of e^−t."""


@dataclass(frozen=True)
class Slope:
    """R + Σ_S (Σ_{t>0} parts[S][t] e^−t) / S, the derivative of rows along v.

    Attributes:
        rational: R.
        parts: For each S its coefficients, none of them 0.
        also: What is admitted beside it.
        undefined: Is everything admitted?
    """

    rational: Fraction = Fraction(0)
    parts: Mapping[Spread, Sums] = field(default_factory=dict)
    also: Admit = Admit.NOTHING
    undefined: bool = False


class Directions:
    """The two quantities of a cross-entropy problem with a tangent."""

    def __init__(self, exact: CrossEntropy, tangent: Numbers) -> None:
        """Prepare to read rows; nothing is computed yet."""
        self.exact = exact
        self.problem = exact.problem
        self._rows: NDArray[Any] = class_axis_last(tangent.given)
        self._known: dict[int, list[Extended]] = {}
        self._moments: dict[int, Sums] = {}

    def tangent(self, n: int) -> list[Extended]:
        """Return v of row n."""
        if n not in self._known:
            self._known[n] = exactly(self._rows[n])
        return self._known[n]

    def moments(self, n: int) -> Sums:
        """Return gap t → V_t = Σ v_k of row n, for a finite row and v."""
        if n not in self._moments:
            row, found = self.exact.row(n), dict[Fraction, Fraction]()
            for k, v in enumerate(self.tangent(n)):
                gap = row.gap(k)
                if gap is not None:
                    found[gap] = found.get(gap, Fraction(0)) + Fraction(v)
            self._moments[n] = found
        return self._moments[n]

    def hvp(self) -> Enclosure:
        """Return the Hessian-vector product, of the shape of `input`."""
        problem = self.problem

        def evaluate(precision: int) -> Sequence[Element]:
            return Lazy(
                math.prod(problem.input.shape),
                lambda i: self._bent(*problem.place(i), precision),
            )

        return Enclosure(problem.input.shape, evaluate)

    def _bent(self, n: int, j: int, precision: int) -> Element:
        """Return (H v)_j of row n."""
        exact, row = self.exact, self.exact.row(n)
        e, s = exact.coefficients(n), exact.scale(n)
        if e is None:
            odd = not self._finite(n) or not is_finite(s)
            return Element(also=Admit.NAN if odd else Admit.NOTHING)
        a = total(e.values())
        if not (self._finite(n) and isinstance(s, Fraction) and is_finite(a)):
            return ANYTHING
        also, gap = _beside(row, e), row.gap(j)
        if gap is None:
            return Element(also=also)
        kappa, v = s * Fraction(a), Fraction(self.tangent(n)[j])
        counts = _counts(row.spread)
        sums = {t: kappa * (counts[t] * v - m) for t, m in self.moments(n).items()}
        made = _curvature(exact.evaluator, row.spread, gap, sums, precision)
        return replace(made, also=also)

    def _finite(self, n: int) -> bool:
        """Say whether row n has a finite softmax and a finite direction."""
        finite = all(map(is_finite, self.tangent(n)))
        return finite and self.exact.row(n).top is not None

    def jvp(self) -> Enclosure:
        """Return the derivative of the loss along v, of the shape of the value."""
        shape, evaluator = self.problem.value_shape, self.exact.evaluator
        single = self.problem.reduction == "none"
        known: dict[int, Slope] = {}

        def slope(i: int) -> Slope:
            if i not in known:
                known[i] = self._slope(i) if single else self._total()
            return known[i]

        def evaluate(precision: int) -> Sequence[Element]:
            return Lazy(
                math.prod(shape), lambda i: _element(evaluator, slope(i), precision)
            )

        return Enclosure(shape, evaluate)

    def _total(self) -> Slope:
        """Return the derivative of the sum or the mean."""
        w = self.exact.denominator
        rows = [self._slope(n) for n in range(self.exact.size)]
        if not isinstance(w, Fraction) or not w or any(r.undefined for r in rows):
            return Slope(undefined=True)
        merged: dict[Spread, Sums] = {}
        for row in rows:
            for spread, sums in row.parts.items():
                into = merged.setdefault(spread, {})
                for t, d in sums.items():
                    into[t] = into.get(t, Fraction(0)) + d / w
        parts = {spread: _without_zeros(sums) for spread, sums in merged.items()}
        return Slope(
            sum((row.rational for row in rows), Fraction(0)) / w,
            {spread: sums for spread, sums in parts.items() if sums},
            reduce(or_, (row.also for row in rows), Admit.NOTHING),
        )

    def _slope(self, n: int) -> Slope:
        """Return Σ_c e_c (Σ_k p_k v_k − v_c) of row n."""
        e, row = self.exact.coefficients(n), self.exact.row(n)
        if e is None:
            return Slope(also=Admit.NOTHING if self._finite(n) else Admit.NAN)
        a, v = total(e.values()), self.tangent(n)
        if not self._finite(n) or not is_finite(a):
            return Slope(undefined=True)
        moments, counts = self.moments(n), _counts(row.spread)
        mean = moments[Fraction(0)] / row.spread.largest
        own = sum((Fraction(f) * Fraction(v[c]) for c, f in e.items()), Fraction(0))
        sums = _without_zeros(
            {t: Fraction(a) * (m - counts[t] * mean) for t, m in moments.items() if t}
        )
        parts = {row.spread: sums} if sums else {}
        return Slope(Fraction(a) * mean - own, parts, _beside(row, e))


def _counts(spread: Spread) -> dict[Fraction, int]:
    """Return gap → how many logits are there, the largest ones at 0."""
    return {Fraction(0): spread.largest, **dict(spread.gaps)}


def _beside(row: Row, e: Mapping[int, Extended]) -> Admit:
    """Return what a loss of inf, or of 0 · inf, admits beside its derivatives."""
    infinite = any(row.gap(c) is None for c in e)
    return NOT_FINITE if infinite else Admit.NOTHING


def _without_zeros(sums: Sums) -> Sums:
    return {t: c for t, c in sums.items() if c}


def _curvature(
    evaluator: Evaluator, spread: Spread, gap: Fraction, sums: Sums, precision: int
) -> Element:
    """Return e^−gap Σ_t sums[t] e^−t / S²."""
    k, counts = spread.largest, _counts(spread)
    first = sums.get(Fraction(0), Fraction(0))
    rational = Fraction(0) if gap else first / k**2
    if not spread.gaps:
        return Element(rational)
    wp = precision + GUARD_BITS + (len(spread.gaps) + 2).bit_length()
    exps, rest = evaluator.exponentials(spread, wp)
    whole = libmp.mpf_add(libmp.from_int(k), rest, wp, libmp.round_nearest)
    square = _times(wp, whole, whole)
    if gap:
        sides = _sides(exps, sums, wp)
        factor = exps[gap]
    else:
        apart = {t: k * (k * c - 2 * first * counts[t]) for t, c in sums.items() if t}
        sides = _sides(exps, apart, wp, (-first, _times(wp, rest, rest)))
        factor, square = libmp.fone, _times(wp, square, libmp.from_int(k * k))
    plus, minus = (
        libmp.mpf_div(_times(wp, side, factor), square, wp, libmp.round_nearest)
        for side in sides
    )
    return Element(rational, _signed(plus, minus, precision))


def _element(evaluator: Evaluator, slope: Slope, precision: int) -> Element:
    """Return the exact value that a slope stands for."""
    if slope.undefined:
        return ANYTHING
    addends = sum(len(s.gaps) + 1 for s in slope.parts) + 1
    wp = precision + GUARD_BITS + addends.bit_length()
    plus: list[Mpf] = []
    minus: list[Mpf] = []
    for spread, sums in slope.parts.items():
        exps, rest = evaluator.exponentials(spread, wp)
        largest = libmp.from_int(spread.largest)
        whole = libmp.mpf_add(largest, rest, wp, libmp.round_nearest)
        for side, into in zip(_sides(exps, sums, wp), (plus, minus), strict=True):
            into.append(libmp.mpf_div(side, whole, wp, libmp.round_nearest))
    part = _signed(add_up(plus, wp), add_up(minus, wp), precision)
    return Element(slope.rational, part, also=slope.also)


def _sides(
    exps: Mapping[Fraction, Mpf], sums: Sums, wp: int, *more: tuple[Fraction, Mpf]
) -> tuple[Mpf, Mpf]:
    """Return Σ c e^−t and its negative: positive and negative coefficients apart."""
    terms = [(c, exps[t] if t else libmp.fone) for t, c in sums.items()]
    terms += more
    plus, minus = (
        add_up(
            (
                _times(wp, from_fraction(abs(c), wp), x)
                for c, x in terms
                if c and (c > 0) == positive
            ),
            wp,
        )
        for positive in (True, False)
    )
    return plus, minus


def _times(wp: int, a: Mpf, b: Mpf) -> Mpf:
    return libmp.mpf_mul(a, b, wp, libmp.round_nearest)


def _signed(plus: Mpf, minus: Mpf, precision: int) -> Remainder:
    """Return plus − minus, of known sign where one of them is 0."""
    if plus == ZERO and minus == ZERO:
        return NOTHING
    if minus == ZERO:
        return widen(plus, precision)
    if plus == ZERO:
        part = widen(minus, precision)
        return Remainder(libmp.mpf_neg(part.upper), libmp.mpf_neg(part.lower))
    return difference(plus, minus, precision)
