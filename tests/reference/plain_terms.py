"""Cross-entropy a third time: every quantity as exact coefficients of two functions.

From the definition, every number of an answer is a rational combination of
surprises −log p and of softmax values p. Which, is exact arithmetic; the values of
−log p and p are left to a library (`plain_arb`, `plain_mpfr`), each by its own formula.
Nothing is shared with `reference`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ZERO, ONE = Fraction(0), Fraction(1)
INF = math.inf

Place = tuple[int, int]
"""Row and class."""


@dataclass
class Terms:
    """rational + Σ surprises[n, c] · (−log p_{n,c}) + Σ softmaxes[n, c] · p_{n,c}.

    Attributes:
        rational: The rational part.
        surprises: Coefficients of −log p.
        softmaxes: Coefficients of p.
        special: What infinite surprises add up to; 0 where there is none.
    """

    rational: Fraction = ZERO
    surprises: dict[Place, Fraction] = field(default_factory=dict)
    softmaxes: dict[Place, Fraction] = field(default_factory=dict)
    special: float = 0.0

    def add_surprise(self, place: Place, factor: Fraction, *, infinite: bool) -> None:
        """Add factor · (−log p); the limit of 0 · (−log 0) is 0."""
        if infinite:
            self.special += INF if factor > 0 else -INF if factor else 0.0
        elif factor:
            self.surprises[place] = self.surprises.get(place, ZERO) + factor


@dataclass(frozen=True)
class Sheet:
    """A question to cross-entropy as rows, exactly.

    Attributes:
        rows: Logits; −inf is the only number that is not a Fraction.
        places: Where class c of row n stands in `input`, flattened.
        target: A class index, or class probabilities, of each row.
        indices: Which of the two.
        weight: One factor for each class.
        weighted: Were weights given?
        ignored: The class index that does not count.
        reduction: `none`, `mean` or `sum`.
        smoothing: The label smoothing.
        upstream: A cotangent for each number of the value.
    """

    rows: Sequence[Sequence[Fraction | float]]
    places: Sequence[Sequence[int]]
    target: Sequence[Any]
    indices: bool
    weight: Sequence[Fraction]
    weighted: bool
    ignored: int
    reduction: str
    smoothing: Fraction
    upstream: Sequence[Fraction]

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Sheet:
        """Return the arguments of `reference.cross_entropy` as rows."""
        logits = objects(arguments["input"])
        classes = logits.shape[0] if logits.ndim == 1 else logits.shape[1]
        order = rows_of(np.arange(logits.size).reshape(logits.shape), classes)
        flat = logits.ravel().tolist()
        indices = arguments["target_kind"] == "index"
        if indices:
            target: list[Any] = [int(y) for y in np.ravel(arguments["target"])]
        else:
            mass = objects(arguments["target"]).ravel().tolist()
            target = [[mass[i] for i in row] for row in order]
        given = arguments.get("weight")
        weight = [ONE] * classes if given is None else objects(given).tolist()
        up = arguments.get("upstream")
        numbers = len(order) if arguments["reduction"] == "none" else 1
        return cls(
            rows=[[flat[i] for i in row] for row in order],
            places=order,
            target=target,
            indices=indices,
            weight=weight,
            weighted=given is not None,
            ignored=arguments.get("ignore_index", -100),
            reduction=arguments["reduction"],
            smoothing=Fraction(arguments["label_smoothing"]),
            upstream=[ONE] * numbers if up is None else objects(up).ravel().tolist(),
        )

    @property
    def classes(self) -> int:
        """C."""
        return len(self.weight)

    def counts(self, n: int) -> bool:
        """Say whether row n is not ignored."""
        return not self.indices or self.target[n] != self.ignored

    @cached_property
    def masses(self) -> list[list[Fraction]]:
        """Smoothed targets by row and class: t (1 − ε) + ε/C."""
        share, keep = self.smoothing / self.classes, 1 - self.smoothing
        if self.indices:
            return [
                [keep + share if c == y else share for c in range(self.classes)]
                for y in self.target
            ]
        return [[t * keep + share for t in row] for row in self.target]

    @cached_property
    def whole(self) -> list[Fraction]:
        """What the factors w_c mass_c of each row add up to."""
        return [
            sum((w * m for w, m in zip(self.weight, row, strict=True)), ZERO)
            for row in self.masses
        ]

    @cached_property
    def divisor(self) -> Fraction:
        """What `mean` divides by, 1 for the others."""
        if self.reduction != "mean":
            return ONE
        if not self.indices:
            return Fraction(len(self.rows))
        used = [self.weight[y] for y in self.target if y != self.ignored]
        return sum(used, ZERO)


def objects(given: Any) -> np.ndarray[Any, Any]:
    """Return an argument as an array of Fractions, with −inf where that was given."""
    array = given if isinstance(given, np.ndarray) else np.array(given, dtype=object)
    if array.dtype != object:
        array = array.astype(np.float64)
    exact = [v if v == -INF else Fraction(v) for v in array.ravel().tolist()]
    made = np.empty(len(exact), dtype=object)
    made[:] = exact
    return made.reshape(array.shape)


def rows_of(array: np.ndarray[Any, Any], classes: int) -> list[list[int]]:
    """Return an array `(C,)` or `(N, C, d1, …)` as lists of C, row by row."""
    if array.ndim == 1:
        return [array.tolist()]
    count = array.size // classes
    found: list[list[int]] = np.moveaxis(array, 1, -1).reshape(count, classes).tolist()
    return found


def answers(sheet: Sheet) -> Iterator[tuple[str, int, Terms]]:
    """Yield every number of the answer: its quantity, its flat index, its terms."""
    for i, terms in enumerate(value(sheet)):
        yield "value", i, terms
    divisor = sheet.divisor
    for n in range(len(sheet.rows)):
        scale = _scale(sheet, n, divisor)
        for c, place in enumerate(sheet.places[n]):
            yield "input", place, by_input(sheet, n, c, scale)
            if not sheet.indices:
                terms = Terms()
                factor = (scale or ZERO) * (1 - sheet.smoothing) * sheet.weight[c]
                terms.add_surprise((n, c), factor, infinite=sheet.rows[n][c] == -INF)
                yield "target", place, terms
    if sheet.weighted and divisor:
        for c in range(sheet.classes):
            yield "weight", c, by_weight(sheet, c)


def value(sheet: Sheet) -> list[Terms]:
    """Return the loss: l_n = Σ_c w_c mass_{n,c} (−log p_{n,c}), reduced."""
    if sheet.reduction == "none":
        rows = [Terms() for _ in sheet.rows]
        for n, terms in enumerate(rows):
            _add_loss(terms, sheet, n, ONE)
        return rows
    divisor = sheet.divisor
    if not divisor:
        return [Terms(special=math.nan)]
    terms = Terms()
    for n in range(len(sheet.rows)):
        _add_loss(terms, sheet, n, 1 / divisor)
    return [terms]


def _add_loss(terms: Terms, sheet: Sheet, n: int, factor: Fraction) -> None:
    if not sheet.counts(n):
        return
    for c, x in enumerate(sheet.rows[n]):
        e = sheet.weight[c] * sheet.masses[n][c]
        terms.add_surprise((n, c), factor * e, infinite=x == -INF)


def _scale(sheet: Sheet, n: int, divisor: Fraction) -> Fraction | None:
    """Return what row n's loss is multiplied by; None for u/0."""
    u = sheet.upstream[n if sheet.reduction == "none" else 0]
    return u / divisor if divisor else None


def by_input(sheet: Sheet, n: int, c: int, scale: Fraction | None) -> Terms:
    """Return s (a p_c − e_c), from ∂(−log p_k)/∂x_c = p_c − [k = c]."""
    if not sheet.counts(n):
        return Terms()
    if scale is None:
        return Terms(special=math.nan)
    terms = Terms(-scale * sheet.weight[c] * sheet.masses[n][c])
    if sheet.rows[n][c] != -INF:
        terms.softmaxes[n, c] = scale * sheet.whole[n]
    return terms


def by_weight(sheet: Sheet, c: int) -> Terms:
    """Return Σ_n s_n mass_{n,c} (−log p_{n,c}), less s L count_c for a weighted mean.

    The weighted mean is Σ w l / Σ w: by the quotient rule its derivative has a second
    part.
    """
    terms, divisor = Terms(), sheet.divisor
    for n, row in enumerate(sheet.rows):
        if sheet.counts(n):
            factor = (_scale(sheet, n, divisor) or ZERO) * sheet.masses[n][c]
            terms.add_surprise((n, c), factor, infinite=row[c] == -INF)
    if sheet.indices and sheet.reduction == "mean":
        count = sum(y == c and y != sheet.ignored for y in sheet.target)
        scale = -count * sheet.upstream[0] / divisor**2
        for n in range(len(sheet.rows)):
            _add_loss(terms, sheet, n, scale)
        if count and math.isnan(value(sheet)[0].special):
            terms.special = math.nan  # a mean of nan, times anything
    return terms
