"""Arb's opinion: balls around exact values, and the roundings they leave possible.

With d_k = x_k − x_c, the two functions of a row are formed from one sum,

    −log p_c = log1p(Σ_{k ≠ c} e^{d_k}),    p_c = 1 / (1 + Σ_{k ≠ c} e^{d_k}),

which are relative to class c, not to the largest logit, and hold no cancellation.
Numbers beyond the patience of that formula are asked once more: see `split`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from plain_formats import LINES
from plain_terms import INF, ZERO, Place, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

PRECISIONS: Final = (160, 1400, 3000)
SPLIT_PRECISIONS: Final = (200, 3000, 9000)
FAR: Final = 3000
"""What is below 2**−FAR is known by its sign: no format comes near."""

Pair = tuple[float, float]


@dataclass
class Opinion:
    """What Arb knows of one number.

    Attributes:
        ball: A ball around it, the narrowest found; None if it is special.
        rounded: For each format the roundings of its two ends.
        special: nan or an infinity where that is the answer.
    """

    ball: Any
    rounded: dict[str, Pair]
    special: float | None = None


@dataclass
class Arb:
    """Balls of the terms of one sheet.

    Attributes:
        flint: The module.
        rows: The logits.
    """

    flint: Any
    rows: Sequence[Sequence[Fraction | float]]
    _sums: dict[tuple[Place, int], Any] = field(default_factory=dict)

    def opinion(self, terms: Terms) -> Opinion:
        """Return what is known of a number; precision is raised while that helps."""
        if terms.special:
            rounded = dict.fromkeys(_NAMES, (terms.special, terms.special))
            return Opinion(None, rounded, terms.special)
        if not terms.surprises and not any(terms.softmaxes.values()):
            rounded = {
                n: (r := line.rounded_fraction(terms.rational), r)
                for n, line in _NAMES.items()
            }
            return Opinion(self.ball(terms.rational), rounded)
        for precision in PRECISIONS:
            with self.flint.ctx.workprec(precision):
                ball = self.whole(terms, precision)
                rounded = both(ball)
            if all(_decided(pair) for pair in rounded.values()):
                return Opinion(ball, rounded)
        return self._patient(terms, ball)

    def whole(self, terms: Terms, precision: int) -> Any:
        """Return a ball around the number."""
        ball = self.ball(terms.rational)
        for place, factor in terms.surprises.items():
            ball += self.ball(factor) * self.rest(place, precision).log1p()
        for place, factor in terms.softmaxes.items():
            ball += self.ball(factor) / (1 + self.rest(place, precision))
        return ball

    def rest(self, place: Place, precision: int) -> Any:
        """Return Σ_{k ≠ c} e^{x_k − x_c}."""
        if (place, precision) not in self._sums:
            n, c = place
            row, ball = self.rows[n], self.flint.arb(0)
            for k, x in enumerate(row):
                if k != c and x != -INF:
                    ball += self.ball(x - row[c]).exp()
            self._sums[place, precision] = ball
        return self._sums[place, precision]

    def _patient(self, terms: Terms, ball: Any) -> Opinion:
        """Return what is known with the rational part of the logarithms split off."""
        rational, parts = split(terms, self.rows)
        for precision in SPLIT_PRECISIONS:
            with self.flint.ctx.workprec(precision):
                rest = self.flint.arb(0)
                for part in parts:
                    rest += part.ball(self)
                rounded = beside(rational, rest)
            if all(_decided(pair) for pair in rounded.values()):
                break
        return Opinion(ball, rounded)

    def ball(self, value: Any) -> Any:
        """Return a ball around a rational."""
        return self.flint.arb(self.flint.fmpq(value.numerator, value.denominator))

    def exactly(self, end: Any) -> Any:
        """Return an end of an enclosure as a ball, a Fraction or one of mpmath's."""
        return self.ball(end) if isinstance(end, Fraction) else self.flint.arb(end)


_NAMES: Final = {line.name: line for line in LINES}


def _decided(pair: Pair) -> bool:
    # The sign of a zero is part of the answer.
    return repr(pair[0]) == repr(pair[1])


def both(ball: Any) -> dict[str, Pair]:
    """Return the roundings of the ends of a ball in every format."""
    if not ball.is_finite():
        return dict.fromkeys(_NAMES, (-INF, INF))
    ends = [tuple(map(int, end.man_exp())) for end in (ball.lower(), ball.upper())]
    return {
        name: (line.rounded(*ends[0]), line.rounded(*ends[1]))
        for name, line in _NAMES.items()
    }


@dataclass(frozen=True)
class Part:
    """factor · log(k + Σ count e^−gap), or factor · Σ / … of a softmax.

    Attributes:
        factor: What it is multiplied by.
        largest: k.
        gaps: (gap, count), gaps > 0.
        numerator: The gap of the class for a softmax; 0 for 1/k − p of a largest
            logit; None for a logarithm.
    """

    factor: Fraction
    largest: int
    gaps: tuple[tuple[Fraction, int], ...]
    numerator: Fraction | None = None

    def ball(self, arb: Arb) -> Any:
        """Return a ball around it."""
        rest = arb.flint.arb(0)
        for gap, count in self.gaps:
            rest += count * arb.ball(-gap).exp()
        if self.numerator is None:
            return arb.ball(self.factor) * (rest + (self.largest - 1)).log1p()
        whole = rest + self.largest
        if self.numerator:
            return arb.ball(self.factor) * arb.ball(-self.numerator).exp() / whole
        return -arb.ball(self.factor) * rest / (whole * self.largest)


def split(
    terms: Terms, rows: Sequence[Sequence[Fraction | float]]
) -> tuple[Fraction, list[Part]]:
    """Return a number as a rational and the irrational parts beside it.

    A ball around 16777217 + e^−16777217 tells the two apart with 24 million bits only.
    With the gaps to the largest logit split off, the rational part is compared exactly,
    and what is beside it needs no more than a sign. Equal logarithms are merged.
    """
    rational, parts, logs = terms.rational, [], Counter[Any]()
    for (n, c), factor in terms.surprises.items():
        largest, gaps, gap = _gaps(rows[n], c)
        rational += factor * gap
        logs[largest, gaps] += factor
    for (n, c), factor in terms.softmaxes.items():
        largest, gaps, gap = _gaps(rows[n], c)
        rational += 0 if gap else factor / largest
        if gap or gaps:
            parts.append(Part(factor, largest, gaps, gap))
    parts += [
        Part(factor, *key) for key, factor in logs.items() if factor and key != (1, ())
    ]
    return rational, [part for part in parts if part.factor]


def _gaps(
    row: Sequence[Fraction | float], c: int
) -> tuple[int, tuple[tuple[Fraction, int], ...], Fraction]:
    finite = [x for x in row if isinstance(x, Fraction)]
    top = max(finite)
    counts = Counter(top - x for x in finite)
    largest = counts.pop(ZERO)
    return largest, tuple(sorted(counts.items())), top - Fraction(row[c])


def beside(rational: Fraction, ball: Any) -> dict[str, Pair]:
    """Return the roundings of rational + ball in every format.

    An end below 2**−FAR is replaced by ±2**−FAR/d with d the rational's denominator:
    the sum is then on the same side of every float and midpoint.
    """
    if not ball.is_finite():
        return dict.fromkeys(_NAMES, (-INF, INF))
    ends = [_sum(rational, end) for end in (ball.lower(), ball.upper())]
    return {
        name: (line.rounded_fraction(ends[0]), line.rounded_fraction(ends[1]))
        for name, line in _NAMES.items()
    }


def _sum(rational: Fraction, end: Any) -> Fraction:
    man, power = map(int, end.man_exp())
    if man and man.bit_length() + power < -FAR - rational.denominator.bit_length():
        tiny = Fraction(1, rational.denominator << FAR)
        return rational + (tiny if man > 0 else -tiny)
    return rational + Fraction(man) * Fraction(2) ** power
