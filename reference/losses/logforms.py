r"""Rational combinations of logarithms of sums of exponentials, and softmax terms.

For a row with largest finite logit m, k logits equal to it and the others at gaps
t = m − x > 0 below it, write

.. math:: S = k + s, \qquad s = \sum_{t > 0} e^{-t}.

Then −log p_c = t_c + log S with t_c rational, and everything cross-entropy needs is

* a *form* R + Σ_S κ_S log S with rational R and κ_S (losses, gradients by target and by
  weight), or
* R + κ e^{−t}/S, or R − κ s/(k S) for a logit equal to m (gradient by input): the exact
  1/k is in R, so p − 1 does not cancel where one logit dominates.

Logarithms of equal S are merged and those with κ = 0 dropped, so that what cancels by
construction is exactly zero. The bound on the error of R + T is in
`reference.remainder`; R has no error.

**Termination.** Rounding x = R + T asks on which side of a float or midpoint M it lies.
M is rational. If x is not, x ≠ M and some precision tells the two apart; if R = M the
sign of T does at once. So: when is x rational?

*Theorem* (Lindemann, Weierstrass). For distinct rational g_1, …, g_r the numbers
e^{g_1}, …, e^{g_r} are linearly independent over the rationals.

*Forms whose κ have one sign.* Let all κ > 0 (else take −x), at least one, and suppose x
is rational. Multiplying by a common denominator gives integers m_S ≥ 1 and a rational q
with Σ m_S log S = q, that is Π S^{m_S} = e^q. Multiplied out, the left side is a sum of
exponentials of rationals with positive integer coefficients, whose total is
Π (number of terms of S)^{m_S} ≥ 2, as each S is a sum over two or more logits. By the
theorem it is e^q, with coefficient 1, only if that total is 1. So x is irrational.

*Softmax terms.* Suppose e^{−t}/S = ρ is rational, t > 0. In e^{−t} = ρ (k + s) only the
right side has the exponential e^0, with coefficient ρ k: by the theorem ρ k = 0, and
e^{−t} = 0, which it is not. Suppose s/S = ρ is rational: in (1 − ρ) s = ρ k likewise
ρ k = 0, so s = 0. Both are irrational unless κ = 0 or there is no gap at all.

Hence the whole list of rational results, all found before anything is evaluated
(`Element.is_rational`):

* losses, gradients by target and weight: no logarithm is left. Each row is ignored, has
  one finite logit (log 1), or enters with factors that are 0 or cancel: the weight,
  the probability, the cotangent or 1 − ε is 0; or rows of one S enter with opposite
  factors; or one class alone occurs and the mean's gradient by its weight is
  (1/W) Σ_n (l_n − L) = 0.
* gradient by input: κ = s_n a_n = 0, as where the weights of the row are 0 or
  a_n = Σ_c e_c = 0, which gives −s_n e_j; or all finite logits of the row are equal,
  which gives s_n (a_n/k − e_j); or the logit is −inf, which gives −s_n e_j.

In a loss with e_c ≥ 0 all κ are ≥ 0, so its rounding is decided at some precision.

**What the theorem does not cover.** With κ of both signs (signed weights, probabilities
or cotangents, and every gradient by weight of a weighted mean) there are rational
values that nothing recognises. A row [0, a, b, a + b] factors: S = (1 + e^a)(1 + e^b),
up to its offset. So with weight + on [0, a, b, a + b] and [0, c, d, c + d] and weight −
on [0, a, c, a + c] and [0, b, d, b + d] the four logarithms cancel, although no two are
equal: for a, b, c, d = 1/2, 5/4, −3/4, 2 and targets 0, 0 and 1, 1 the sum is
a + b = 1.75 exactly. It is enclosed, and rounds right wherever it is no midpoint. Where
it is one, no precision decides.

Nor does it say how much precision is needed. A factor given as a Fraction of 5000 bits
brings κ log 2 within 2**−5000 of a midpoint. So the loop ends at
`reference.enclosure.LAST_PRECISION` bits, and then `Undecided` names the two neighbours
that are left: the exact value lies between `lower` and `upper` all the same, and within
2**−4000 of the midpoint of the two, relative to the largest part of T.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Self

from mpmath import libmp

from reference.element import Element
from reference.remainder import (
    GUARD_BITS,
    NOTHING,
    ZERO,
    Mpf,
    Remainder,
    add_up,
    difference,
    exp_negative,
    from_fraction,
    log_sum,
    widen,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


_HUGE = Fraction(2**1000)


@dataclass(frozen=True)
class Spread:
    """The shape of a row up to order and offset: what its S depends on.

    Attributes:
        largest: k, how many logits equal the largest one.
        gaps: (t, multiplicity) of the others, t > 0 ascending.
    """

    largest: int
    gaps: tuple[tuple[Fraction, int], ...]

    @classmethod
    def of(cls, top: Fraction, logits: Sequence[Fraction]) -> Self:
        """Return the spread of finite logits with largest one `top`."""
        distinct = {id(x): x for x in logits}  # equal floats are one object
        counts: Counter[Fraction] = Counter()
        for key, n in Counter(map(id, logits)).items():
            counts[top - distinct[key]] += n
        largest = counts.pop(Fraction(0))
        return cls(largest, tuple(sorted(counts.items(), key=_order)))

    def __hash__(self) -> int:
        """Hash the cheap parts; equality settles the rest."""
        return hash(
            (
                self.largest,
                len(self.gaps),
                self.gaps[0][0].numerator if self.gaps else 0,
            )
        )


def _order(item: tuple[Fraction, int]) -> tuple[float, Fraction]:
    # Rounding keeps the order; floats compare a hundred times faster.
    return float(min(item[0], _HUGE)), item[0]


@dataclass(frozen=True)
class Form:
    """The exact number `rational + Σ logs[S] · log S`."""

    rational: Fraction = Fraction(0)
    logs: dict[Spread, Fraction] = field(default_factory=dict)

    def plus(self, other: Form, factor: Fraction = Fraction(1)) -> Form:
        """Return self + factor · other; logarithms that cancel are dropped."""
        if not factor:
            return self
        logs = dict(self.logs)
        for spread, kappa in other.logs.items():
            merged = logs.pop(spread, Fraction(0)) + factor * kappa
            if merged:
                logs[spread] = merged
        return Form(self.rational + factor * other.rational, logs)

    def times(self, factor: Fraction) -> Form:
        """Return factor · self."""
        return Form().plus(self, factor)

    @property
    def is_zero(self) -> bool:
        """Is it zero by construction?"""
        return not self.rational and not self.logs


class Evaluator:
    """Evaluates forms and softmax terms; each distinct row once at each precision."""

    def __init__(self) -> None:
        """Start with nothing evaluated."""
        self._sums: dict[tuple[Spread, int], tuple[dict[Fraction, Mpf], Mpf]] = {}
        self._logs: dict[tuple[Spread, int], Mpf] = {}

    def form(self, form: Form, precision: int) -> Element:
        """Return `form` as an element, its remainder known to 2**−precision."""
        addends = len(form.logs) + sum(len(s.gaps) for s in form.logs)
        wp = precision + GUARD_BITS + addends.bit_length()
        plus = self._side(form, 1, wp)
        minus = self._side(form, -1, wp)
        if minus == ZERO:
            return Element(
                form.rational, widen(plus, precision) if form.logs else NOTHING
            )
        if plus == ZERO:
            return Element(form.rational, _negative(widen(minus, precision)))
        return Element(form.rational, difference(plus, minus, precision))

    def softmax(
        self,
        rational: Fraction,
        kappa: Fraction,
        spread: Spread,
        gap: Fraction,
        precision: int,
    ) -> Element:
        """Return rational + κ p of a logit at `gap`; if that is 0, κ/k moves to R."""
        if not gap:
            rational += kappa / spread.largest
        if not kappa or (not gap and not spread.gaps):
            return Element(rational)
        wp = precision + GUARD_BITS + len(spread.gaps).bit_length()
        exps, rest = self.exponentials(spread, wp)
        k = libmp.from_int(spread.largest)
        whole = libmp.mpf_add(k, rest, wp, libmp.round_nearest)
        top = exps[gap] if gap else libmp.mpf_div(rest, k, wp, libmp.round_nearest)
        share = libmp.mpf_div(top, whole, wp, libmp.round_nearest)
        factor = from_fraction(abs(kappa), wp)
        part = widen(libmp.mpf_mul(share, factor, wp, libmp.round_nearest), precision)
        negative = (kappa < 0) == bool(gap)
        return Element(rational, _negative(part) if negative else part)

    def _side(self, form: Form, sign: int, wp: int) -> Mpf:
        return add_up(
            (
                libmp.mpf_mul(
                    from_fraction(abs(kappa), wp),
                    self._log(spread, wp),
                    wp,
                    libmp.round_nearest,
                )
                for spread, kappa in form.logs.items()
                if (kappa > 0) == (sign > 0)
            ),
            wp,
        )

    def _log(self, spread: Spread, wp: int) -> Mpf:
        key = (spread, wp)
        if key not in self._logs:
            _, rest = self.exponentials(spread, wp)
            self._logs[key] = log_sum(spread.largest, rest, wp)
        return self._logs[key]

    def exponentials(self, spread: Spread, wp: int) -> tuple[dict[Fraction, Mpf], Mpf]:
        """Return e^−t of each gap t > 0, and s, their sum, to `wp` bits."""
        key = (spread, wp)
        if key not in self._sums:
            exps = {gap: exp_negative(gap, wp) for gap, _ in spread.gaps}
            # Smallest terms first only matters for speed: all are positive.
            rest = add_up(
                (
                    libmp.mpf_mul_int(exps[g], n, wp, libmp.round_nearest)
                    for g, n in spread.gaps
                ),
                wp,
            )
            self._sums[key] = (exps, rest)
        return self._sums[key]


def _negative(part: Remainder) -> Remainder:
    return Remainder(libmp.mpf_neg(part.upper), libmp.mpf_neg(part.lower))
