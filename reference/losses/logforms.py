r"""Rational combinations of logarithms of sums of exponentials, and softmax terms.

For a row with largest finite logit m, k logits equal to it and the others at gaps
t = m − x > 0 below it, write

.. math:: S = k + s, \qquad s = \sum_{t > 0} e^{-t}.

Then −log p_c = t_c + log S with t_c rational, and everything cross-entropy needs is

* a *form* R + Σ_S κ_S log S with rational R and κ_S (losses, gradients by target and by
  weight), or
* R + κ e^{−t}/S, or R − κ s/(k S) for a logit equal to m (gradient by input): the exact
  1/k is in R, so p − 1 does not cancel where one logit dominates.

**Termination.** Deciding a rounding asks for the sign of R + T − M with M rational.
Where all κ are of one sign, T = log of a product of sums of exponentials e^{−t} with
rational t. By the theorem of Lindemann and Weierstrass, exponentials of distinct
rationals are linearly independent over the rationals, so T is irrational or zero by
construction, and R + T ≠ M: finitely many bits decide, and where R = M the sign of T
does at once. For the softmax terms the same theorem makes e^{−t}/S and s/S irrational
unless the row has one distinct finite logit (then s = 0 and the term is dropped). Where
κ of both signs occur rational values exist that no rule recognises: there the loop is
capped (`Undecided`).
Equal logarithms are merged first, so what cancels by construction is exactly zero.
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
    from collections.abc import Iterable


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
    def of(cls, top: Fraction, logits: Iterable[Fraction]) -> Self:
        """Return the spread of finite logits with largest one `top`."""
        counts = Counter(top - x for x in logits)
        largest = counts.pop(Fraction(0))
        return cls(largest, tuple(sorted(counts.items())))

    def __hash__(self) -> int:
        """Hash the cheap parts; equality settles the rest."""
        return hash(
            (
                self.largest,
                len(self.gaps),
                self.gaps[0][0].numerator if self.gaps else 0,
            )
        )


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
        exps, rest = self._sum(spread, wp)
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
            _, rest = self._sum(spread, wp)
            self._logs[key] = log_sum(spread.largest, rest, wp)
        return self._logs[key]

    def _sum(self, spread: Spread, wp: int) -> tuple[dict[Fraction, Mpf], Mpf]:
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
