r"""Cross-entropy of logits, for class indices and class probabilities.

Logits x of one row, ε the label smoothing, w_c the class weights, C classes:

.. math:: p_c = e^{x_c} / \sum_k e^{x_k}, \qquad l_n = -\sum_c e_{n,c} \log p_c

.. math:: e_{n,c} = (1-ε)\, w_{y_n} [c = y_n] + (ε/C)\, w_c \text{ (class index } y_n),
    \quad w_c\, (t_{n,c} (1-ε) + ε/C) \text{ (class probabilities } t_n)

Reductions: `sum` adds the rows, `mean` divides the sum by W = Σ w_{y_n} over the rows
that are not ignored (class indices), or by the number of rows N (class probabilities).

Gradients, with a_n = Σ_c e_{n,c} and s_n = u_n (none), u (sum), u/W (mean):

.. math:: \partial/\partial x_{n,c} = s_n (a_n p_c - e_{n,c}), \qquad
    \partial/\partial t_{n,c} = -s_n (1-ε)\, w_c \log p_c

.. math:: \partial/\partial w_c = -\sum_n s_n (t_{n,c}(1-ε) + ε/C) \log p_{n,c}
    \text{ (class probabilities)}

For class indices the gradient by weight is an extension (torch refuses it): W depends
on the weights, and by the quotient rule, with L the mean and count_c the rows of class
c,

.. math:: \partial L/\partial w_c = (u/W) \bigl( -\sum_n ((1-ε)[c = y_n] + ε/C)
    \log p_{n,c} - L\, \text{count}_c \bigr).

Source: torch.nn.CrossEntropyLoss (docs), with ATen/native/LossNLL.cpp where they are
silent.

Special values
--------------

"Also" lists results that are admitted beside the required one, by class.

=============================  =========================  ==============================
where                          required; also             reason
=============================  =========================  ==============================
a logit is nan                 loss nan, gradient row nan nan propagates
a logit is +inf                loss nan; also finite and  inf − inf in every scheme; the
                               inf of the sign of e_c;    limit, p = 1, is admitted
                               gradient row nan; also
                               finite
all logits −inf                loss nan, gradient row nan 0/0
−inf, e_c = 0 by absence       as if the class were not   p_c = 0 exactly
(index target elsewhere)       there
−inf with e_c ≠ 0              loss ±inf by the sign of   −log 0 = inf
                               e_c
−inf with a factor 0 (weight   the limit, the class       0 · (−inf) is nan in IEEE
0, probability 0, ε = 1 at     contributing 0; also nan   arithmetic and in torch; safe
the target)                                               variants give the limit
gradient by input where loss   s (a p − e), finite, with  the formula has no log; torch
is inf or 0 · inf              p = 0 at −inf              does this
ignored row                    loss 0, gradient 0         it does not enter
ignored row, its logits nan,   loss 0; gradient 0, also   torch's backward multiplies 0
+inf or all −inf               nan                        by nan; Liger's writes 0
weight of the row 0            loss 0, counted with 0     definition
all ignored or no row, mean    nan; gradient 0, also nan  0/0; torch gives nan, 0
no row, sum                    0                          the empty sum
W = 0, rows left, mean         nan; also ±inf. Gradient   x/0 with an unsigned zero
                               nan; also ±inf, 0
weight or probability inf/nan  the sums' class by IEEE    e_c is inf or nan
upstream nan                   gradient nan               nan propagates
upstream ±inf                  gradient by input nan;     order of products decides
                               also ±inf, 0
no class (C = 0)               loss 0; also nan           empty sum; torch fills nan
=============================  =========================  ==============================

Gaps beyond a format's range ([1e308, −1e308]) are not special: 2e308 is a real number,
and whether it is infinite is a matter of rounding.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from reference.element import Admit, Element, element
from reference.enclosure import Enclosure
from reference.extended import Extended, add, divide, is_nan, multiply, total
from reference.losses.logforms import Evaluator, Form, Spread
from reference.problem import Problem, class_axis_back, class_axis_last

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ANY = Admit.NAN | Admit.PLUS_INFINITY | Admit.MINUS_INFINITY | Admit.FINITE
INFINITE = Admit.PLUS_INFINITY | Admit.MINUS_INFINITY
ONE, NONE = Fraction(1), Fraction(0)

_T = TypeVar("_T")

Term = Form | float
"""A finite number as a form, or inf, −inf, nan."""


@dataclass(frozen=True)
class Row:
    """One row of logits, classified.

    Attributes:
        logits: The C logits.
        top: The largest logit, or None if the row has no finite softmax.
        limit: Has it a +inf, so that only a limit exists?
        spread: What its sum of exponentials depends on.
    """

    logits: tuple[Extended, ...]
    top: Fraction | None
    limit: bool
    spread: Spread

    def gap(self, c: int) -> Fraction | None:
        """Return the gap of class c to the top; None at −inf, where p_c = 0."""
        x = self.logits[c]
        return (
            self.top - x if isinstance(x, Fraction) and self.top is not None else None
        )

    def surprise(self, c: int) -> Term:
        """Return −log p_c."""
        if self.top is None:
            return math.nan
        gap = self.gap(c)
        if gap is None:
            return math.inf
        return Form(gap, {self.spread: ONE} if self._spreads else {})

    @property
    def _spreads(self) -> bool:
        return self.spread.largest > 1 or bool(self.spread.gaps)


def classify(logits: Sequence[Extended]) -> Row:
    """Return a row with what its special values make of it."""
    finite = [x for x in logits if isinstance(x, Fraction)]
    bad = any(is_nan(x) for x in logits)
    limit = not bad and math.inf in logits
    if bad or limit or not finite:
        return Row(tuple(logits), None, limit, Spread(0, ()))
    top = max(finite)
    return Row(tuple(logits), top, limit=False, spread=Spread.of(top, finite))


class CrossEntropy:
    """The quantities of one cross-entropy problem."""

    def __init__(self, problem: Problem) -> None:
        """Prepare rows and coefficients; nothing transcendental is computed yet."""
        self.problem = problem
        self.evaluator = Evaluator()
        c = problem.classes
        w = problem.weight
        self.weight: list[Extended] = [ONE] * c if w is None else list(w.values)
        seen: dict[tuple[Extended, ...], Row] = {}
        self.rows: list[Row] = []
        for logits in map(tuple, class_axis_last(problem.input.values)):
            self.rows.append(seen[logits] if logits in seen else classify(logits))
            seen[logits] = self.rows[-1]
        self.labels = self._labels()
        known: dict[int, dict[int, Extended] | None] = {}
        for n, label in enumerate(self.labels):
            if label not in known:
                known[label] = self._coefficients(n)
        self.coefficients = [known[label] for label in self.labels]

    @cached_property
    def targets(self) -> Sequence[Sequence[Extended]]:
        """Class probabilities, a row each; class indices, one number a row."""
        values = self.problem.target.values
        if self.problem.target_kind == "index":
            return [[v] for v in values.ravel()]
        return list(class_axis_last(values))

    def _labels(self) -> list[int]:
        """Return one number for each row, the same for rows with equal targets."""
        seen: dict[tuple[int, ...] | Extended, int] = {}
        if self.problem.target_kind == "index":
            return [seen.setdefault(t[0], len(seen)) for t in self.targets]
        # Equal numbers of an array argument are one object.
        keys = [tuple(map(id, t)) for t in self.targets]
        return [seen.setdefault(key, len(seen)) for key in keys]

    def _per_row(
        self, make: Callable[[int], _T], *others: Sequence[object]
    ) -> list[_T]:
        """Return `make(n)` for every row; rows alike in everything are made once."""
        done: dict[tuple[int, ...], _T] = {}
        result = []
        for n, (row, label) in enumerate(zip(self.rows, self.labels, strict=True)):
            key = (id(row), label, *(id(column[n]) for column in others))
            if key not in done:
                done[key] = make(n)
            result.append(done[key])
        return result

    def _coefficients(self, n: int) -> dict[int, Extended] | None:
        """Return {c: e_c} of row n without absent classes, or None if it is ignored."""
        eps, c, w = self.problem.label_smoothing, self.problem.classes, self.weight
        share = eps / c if c else NONE
        target = self.targets[n]
        if self.problem.target_kind == "probability":
            mixed = [add(multiply(t, 1 - eps), share) if eps else t for t in target]
            return {k: multiply(w[k], mixed[k]) for k in range(c)}
        (y,) = map(int, target)
        if y == self.problem.ignore_index:
            return None
        if not eps:
            return {y: w[y]}
        e = {k: multiply(share, w[k]) for k in range(c)}
        e[y] = add(e[y], multiply(1 - eps, w[y]))
        return e

    @cached_property
    def denominator(self) -> Extended:
        """W for `mean`; 1 otherwise."""
        if self.problem.reduction != "mean":
            return ONE
        if self.problem.target_kind == "probability":
            return Fraction(len(self.rows))
        rows = zip(self.targets, self.coefficients, strict=True)
        used = Counter(t[0] for t, e in rows if e is not None)
        return total(
            multiply(Fraction(n), self.weight[int(y)]) for y, n in used.items()
        )

    def value(self) -> Enclosure:
        """Return the loss."""
        terms = self._per_row(self._loss)
        if self.problem.reduction == "none":
            return self._enclose(terms, self.problem.value_shape)
        return self._enclose([_ratio(_sum(terms), self.denominator)], ())

    def _loss(self, n: int) -> tuple[Term, Admit]:
        e, row = self.coefficients[n], self.rows[n]
        if e is None:
            return Form(), Admit.NOTHING
        if row.limit:
            return math.nan, _limits(e.values())
        parts = [_product(row.surprise(c), factor) for c, factor in e.items()]
        result, also = _sum(parts)
        if not row.logits:
            also |= Admit.NAN
        if self._all_smoothing_at_infinity(n, row):
            also |= Admit.NAN
        return result, also

    def _all_smoothing_at_infinity(self, n: int, row: Row) -> bool:
        """Say whether the target's own factor 1 − ε = 0 meets −log 0."""
        if self.problem.label_smoothing != 1 or row.top is None:
            return False
        if self.problem.target_kind == "probability":
            return False
        return row.gap(int(self.targets[n][0])) is None

    def _scales(self) -> list[Extended]:
        """Return s_n for every row."""
        u = self.problem.upstream
        if self.problem.reduction == "none" and u is not None:
            return list(u.values.ravel())
        up: Extended = ONE if u is None else u.values.item()
        w = self.denominator
        if not w:
            up = up if is_nan(up) else math.inf  # u/0: rows are settled by the table
        elif self.problem.reduction == "mean":
            up = divide(up, w)
        return [up] * len(self.rows)

    def gradient_input(self) -> Enclosure:
        """Return the gradient by the logits, of their shape."""
        scales = self._scales()
        by_row = self._per_row(lambda n: self._row_gradient(n, scales[n]), scales)
        makers = [maker for row in by_row for maker in row]
        order = self._input_order()

        def evaluate(precision: int) -> list[Element]:
            done: dict[int, Element] = {}
            for maker in makers:
                if id(maker) not in done:
                    done[id(maker)] = maker(precision)
            items = [done[id(maker)] for maker in makers]
            return [items[i] for i in order]

        return Enclosure(self.problem.input.shape, evaluate)

    def _input_order(self) -> list[int]:
        """Return, for each position of `input`, its place in class-last rows."""
        shape = self.problem.input.shape
        places = np.arange(math.prod(shape)).reshape(
            len(self.rows), self.problem.classes
        )
        return [int(i) for i in class_axis_back(places, shape).ravel()]

    def _row_gradient(self, n: int, s: Extended) -> list[Callable[[int], Element]]:
        row, e = self.rows[n], self.coefficients[n]
        c = len(row.logits)
        if e is None:
            odd = row.top is None or not isinstance(s, Fraction)
            return [_constant(Element(also=Admit.NAN if odd else Admit.NOTHING))] * c
        if row.top is None:
            also = Admit.FINITE if row.limit else Admit.NOTHING
            return [_constant(Element(special=math.nan, also=also))] * c
        a = total(e.values())
        if is_nan(s) or is_nan(a):
            return [_constant(Element(special=math.nan))] * c
        if not isinstance(s, Fraction) or not isinstance(a, Fraction):
            also = INFINITE | Admit.ZERO if isinstance(a, Fraction) else ANY
            return [_constant(Element(special=math.nan, also=also))] * c
        return [self._softmax(row, a * s, e.get(j, NONE), s, j) for j in range(c)]

    def _softmax(
        self, row: Row, kappa: Fraction, e: Extended, s: Fraction, j: int
    ) -> Callable[[int], Element]:
        rational = -Fraction(e) * s
        gap = row.gap(j)
        if gap is None:
            return _constant(Element(rational))
        spread, evaluator = row.spread, self.evaluator
        return lambda precision: evaluator.softmax(
            rational, kappa, spread, gap, precision
        )

    def gradient_target(self) -> Enclosure:
        """Return the gradient by class probabilities, of their shape."""
        keep = 1 - self.problem.label_smoothing
        terms: list[tuple[Term, Admit]] = []
        for row, s in zip(self.rows, self._scales(), strict=True):
            for c, w in enumerate(self.weight):
                factor = multiply(multiply(keep, w), s)
                if row.limit:
                    terms.append((math.nan, _limits([factor])))
                else:
                    terms.append(_product(row.surprise(c), factor))
        items = [terms[i] for i in self._input_order()]
        return self._enclose(items, self.problem.input.shape)

    def gradient_weight(self) -> Enclosure:
        """Return the gradient by the class weights, `(C,)`."""
        indices = self.problem.target_kind == "index"
        shares = [self._shares(n) for n in range(len(self.rows))]
        used = [n for n, t in enumerate(shares) if t is not None]
        scales = self._scales()
        columns: list[tuple[Term, Admit]] = []
        for c in range(self.problem.classes):
            parts = [
                _product(self.rows[n].surprise(c), multiply(t[c], scales[n]))
                for n in used
                if (t := shares[n]) is not None and c in t
            ]
            columns.append(_sum(parts))
        if indices and self.problem.reduction == "mean":
            columns = self._quotient_rule(columns, scales)
        if any(self.rows[n].limit for n in used) or not isinstance(
            self.denominator, Fraction
        ):
            columns = [(math.nan, ANY)] * len(columns)
        elif not self.denominator:
            columns = [(Form(), ANY)] * len(columns)
        return self._enclose(columns, (self.problem.classes,))

    def _shares(self, n: int) -> dict[int, Extended] | None:
        """Return {c: ∂e_c/∂w_c} of row n: its coefficients for weights of one."""
        eps, c = self.problem.label_smoothing, self.problem.classes
        share = eps / c if c else NONE
        target = self.targets[n]
        if self.problem.target_kind == "probability":
            return {k: add(multiply(target[k], 1 - eps), share) for k in range(c)}
        if self.coefficients[n] is None:
            return None
        y = int(target[0])
        if not eps:
            return {y: ONE}
        return {k: share + (1 - eps if k == y else 0) for k in range(c)}

    def _quotient_rule(
        self, columns: list[tuple[Term, Admit]], scales: list[Extended]
    ) -> list[tuple[Term, Admit]]:
        mean, also = _ratio(_sum(self._per_row(self._loss)), self.denominator)
        counts = [0] * self.problem.classes
        for t, e in zip(self.targets, self.coefficients, strict=True):
            if e is not None:
                counts[int(t[0])] += 1
        result = []
        for (term, a), n in zip(columns, counts, strict=True):
            part, b = (
                _product(mean, multiply(Fraction(-n), scales[0]))
                if n
                else (Form(), NOTHING)
            )
            result.append(_sum([(term, a), (part, b | (also if n else NOTHING))]))
        return result

    def _enclose(
        self, terms: list[tuple[Term, Admit]], shape: tuple[int, ...]
    ) -> Enclosure:
        evaluator = self.evaluator

        def evaluate(precision: int) -> list[Element]:
            done: dict[int, Element] = {}
            for pair in terms:
                if id(pair) not in done:
                    done[id(pair)] = _element(evaluator, *pair, precision)
            return [done[id(pair)] for pair in terms]

        return Enclosure(shape, evaluate)


NOTHING = Admit.NOTHING


def _element(evaluator: Evaluator, term: Term, also: Admit, precision: int) -> Element:
    if not isinstance(term, Form):
        return element(term, also)
    made = evaluator.form(term, precision)
    return Element(made.rational, made.remainder, also=also)


def _limits(coefficients: Iterable[Extended]) -> Admit:
    """Return what a row with a +inf logit may give: limits, by the sign of e_c."""
    also = Admit.FINITE
    for e in coefficients:
        # A nan compares false both ways: then only nan and finite limits are left.
        also |= Admit.PLUS_INFINITY if e > 0 else NOTHING
        also |= Admit.MINUS_INFINITY if e < 0 else NOTHING
    return also


def _constant(made: Element) -> Callable[[int], Element]:
    return lambda _precision: made


def _product(term: Term, factor: Extended) -> tuple[Term, Admit]:
    """Return factor · term; where it is 0 · inf, the limit 0, and nan admitted."""
    if isinstance(term, Form):
        if isinstance(factor, Fraction):
            return term.times(factor), NOTHING
        # Surprises are ≥ 0: only their being zero matters beside an infinity.
        return multiply(factor, NONE if term.is_zero else ONE), NOTHING
    if factor == 0 and not is_nan(term):
        return Form(), Admit.NAN
    return multiply(factor, term), NOTHING


def _sum(terms: Sequence[tuple[Term, Admit]]) -> tuple[Term, Admit]:
    """Return the sum of terms; what one of them admits, the sum admits."""
    form, special, also = Form(), 0.0, NOTHING
    logs: dict[Spread, Fraction] = {}
    rational = NONE
    distinct = {id(pair): pair for pair in terms}
    for i, n in Counter(map(id, terms)).items():
        term, a = distinct[i]
        also |= a
        if isinstance(term, Form):
            rational += n * term.rational
            for spread, kappa in term.logs.items():
                logs[spread] = logs.get(spread, NONE) + n * kappa
        else:
            special += term
    form = Form(rational, {s: k for s, k in logs.items() if k})
    if special == 0:
        return form, also
    return special, also


def _ratio(numerator: tuple[Term, Admit], denominator: Extended) -> tuple[Term, Admit]:
    term, also = numerator
    if not isinstance(denominator, Fraction):
        return (math.nan, ANY) if math.isinf(denominator) else (math.nan, NOTHING)
    if denominator:
        if isinstance(term, Form):
            return term.times(1 / denominator), also
        return multiply(term, denominator), also
    if isinstance(term, Form) and term.is_zero:
        return math.nan, NOTHING
    return math.nan, also | INFINITE
