"""MPFR's opinion: intervals from correctly rounded functions, rounded down and up.

Every function used is monotonic, so rounding each step in the right direction encloses
the exact value. With m the largest logit, −log p_c = (m − x_c) + log Σ e^{x_k − m} and
p_c = e_c ÷ (e_c + Σ_{k ≠ c} e_k) with e_k = e^{x_k − m}.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from plain_terms import INF, Place, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

PRECISION: Final = 300
LEAST: Final = -3000
"""Exponent of the smallest number: below it are 0 and, rounded up, that number."""

Interval = tuple[Fraction, Fraction]


@dataclass
class Mpfr:
    """Intervals of the terms of one sheet.

    Attributes:
        gmpy2: The module.
        rows: The logits.
    """

    gmpy2: Any
    rows: Sequence[Sequence[Fraction | float]]
    _exps: dict[int, list[tuple[Any, Any]]] = field(default_factory=dict)
    _known: dict[tuple[Place, str], Interval] = field(default_factory=dict)

    def interval(self, terms: Terms) -> Interval:
        """Return an interval around a number."""
        low = high = terms.rational
        for kind, factors in (("log", terms.surprises), ("p", terms.softmaxes)):
            for place, factor in factors.items():
                ends = [factor * end for end in self._function(place, kind)]
                low, high = low + min(ends), high + max(ends)
        return low, high

    def _function(self, place: Place, kind: str) -> Interval:
        if (place, kind) not in self._known:
            n, c = place
            row = self.rows[n]
            if n not in self._exps:
                self._exps[n] = self._exponentials(row)
            make = self._surprise if kind == "log" else self._softmax
            self._known[place, kind] = make(self._exps[n], row, c)
        return self._known[place, kind]

    def _directed(self) -> tuple[Any, Any]:
        return tuple(  # type: ignore[return-value]  # two modes, two contexts
            self.gmpy2.context(precision=PRECISION, emin=LEAST, round=mode)
            for mode in (self.gmpy2.RoundDown, self.gmpy2.RoundUp)
        )

    def _exponentials(self, row: Sequence[Fraction | float]) -> list[tuple[Any, Any]]:
        top = max(row)
        pairs = []
        for x in row:
            if x == -INF:
                pairs.append((self.gmpy2.mpfr(0), self.gmpy2.mpfr(0)))
                continue
            gap = Fraction(x) - Fraction(top)
            pairs.append(
                tuple(
                    c.exp(c.mul(self.gmpy2.mpq(gap), self.gmpy2.mpfr(1)))
                    for c in self._directed()
                )
            )
        return pairs  # type: ignore[return-value]  # each of two ends

    def _surprise(
        self, exps: list[tuple[Any, Any]], row: Sequence[Fraction | float], c: int
    ) -> Interval:
        gap = Fraction(max(row)) - Fraction(row[c])
        ends = []
        for side, context in enumerate(self._directed()):
            whole = _total(context, [pair[side] for pair in exps])
            ends.append(gap + exact(context.log(whole)))
        return ends[0], ends[1]

    def _softmax(
        self, exps: list[tuple[Any, Any]], row: Sequence[Fraction | float], c: int
    ) -> Interval:
        del row
        down, up = self._directed()
        others = [pair for k, pair in enumerate(exps) if k != c]
        low, high = exps[c]
        # p grows with e_c and falls with the others; e/(e + s) is monotonic in both.
        least = down.div(low, up.add(low, _total(up, [b for _, b in others])))
        most = up.div(high, down.add(high, _total(down, [a for a, _ in others])))
        return exact(least), exact(most)


def _total(context: Any, numbers: Sequence[Any]) -> Any:
    result = numbers[0] if numbers else 0
    for number in numbers[1:]:
        result = context.add(result, number)
    return result


def exact(number: Any) -> Fraction:
    """Return one of MPFR's numbers as a Fraction."""
    n, d = number.as_integer_ratio()
    return Fraction(int(n), int(d))
