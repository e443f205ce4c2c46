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
a logit is +inf                loss nan; also inf of the  inf − inf in every scheme; the
                               sign of e_c, and finite    limit is admitted: p = 0 at
                               where e_c = 0 at all that  what is not +inf, where only
                               is not +inf; gradient row  e_c = 0 leaves a finite loss
                               nan; also finite
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
some weight inf/nan, class     as if it were not there;   one-hot rows and ε = 0 are
indices of other classes, or   also nan                   factors 0, and 0 · inf is nan
smoothed probabilities of
which one is 0
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
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from reference.element import Admit, Element, element
from reference.enclosure import Enclosure
from reference.extended import Extended, add, divide, is_nan, multiply, total
from reference.lazy import Lazy
from reference.losses.logforms import Evaluator, Form, Spread
from reference.numbers import exactly
from reference.problem import Problem, class_axis_last

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

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
    # Equal floats are one object: a row of many has few to compare.
    distinct = {id(x): x for x in logits}.values()
    finite = [x for x in logits if isinstance(x, Fraction)]
    bad = any(is_nan(x) for x in distinct)
    limit = not bad and math.inf in distinct
    if bad or limit or not finite:
        return Row(tuple(logits), None, limit, Spread(0, ()))
    top = max(x for x in distinct if isinstance(x, Fraction))
    return Row(tuple(logits), top, limit=False, spread=Spread.of(top, finite))


class CrossEntropy:
    """The quantities of one cross-entropy problem, row by row as they are asked for.

    Rows that are alike share one object, and what is made of them is made once.
    """

    def __init__(self, problem: Problem) -> None:
        """Prepare to read rows; nothing is computed yet."""
        self.problem = problem
        self.evaluator = Evaluator()
        self._logits = class_axis_last(problem.input.given)
        self._rows: dict[object, Row] = {}
        self._row_of: dict[int, Row] = {}
        self._labels: dict[object, int] = {}
        self._known: dict[int, dict[int, Extended] | None] = {}
        self._made: dict[tuple[object, ...], Any] = {}

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self._logits)

    @cached_property
    def weight(self) -> list[Extended]:
        """The class weights, ones if there are none."""
        w = self.problem.weight
        return [ONE] * self.problem.classes if w is None else list(w.values)

    def row(self, n: int) -> Row:
        """Return row n of the logits."""
        if n not in self._row_of:
            given = self._logits[n]
            key = _key(given)
            if key not in self._rows:
                self._rows[key] = classify(exactly(given))
            self._row_of[n] = self._rows[key]
        return self._row_of[n]

    @cached_property
    def indices(self) -> list[int]:
        """The class indices of all rows."""
        given = self.problem.target.given.ravel().tolist()
        return given if self.problem.target.integer_dtype else [int(v) for v in given]

    @cached_property
    def _probabilities(self) -> NDArray[Any]:
        return class_axis_last(self.problem.target.given)

    def label(self, n: int) -> int:
        """Return a number for the target of row n, the same for equal targets."""
        if self.problem.target_kind == "index":
            return self.indices[n]
        key = _key(self._probabilities[n])
        return self._labels.setdefault(key, len(self._labels))

    def coefficients(self, n: int) -> dict[int, Extended] | None:
        """Return {c: e_c} of row n without absent classes, or None if it is ignored."""
        label = self.label(n)
        if label not in self._known:
            self._known[label] = self._coefficients(n)
        return self._known[label]

    def _once(self, what: str, n: int, make: Callable[[], _T], *more: object) -> _T:
        """Return `make()`, made once for rows alike in logits, target and more."""
        key = (what, id(self.row(n)), self.label(n), *map(id, more))
        if key not in self._made:
            # What ids stand for is kept, so that they stay unique.
            self._made[key] = make(), more
        made: _T = self._made[key][0]
        return made

    def _coefficients(self, n: int) -> dict[int, Extended] | None:
        eps, c, w = self.problem.label_smoothing, self.problem.classes, self.weight
        share = eps / c if c else NONE
        if self.problem.target_kind == "probability":
            target = exactly(self._probabilities[n])
            mixed = [add(multiply(t, 1 - eps), share) if eps else t for t in target]
            return {k: multiply(w[k], mixed[k]) for k in range(c)}
        y = self.indices[n]
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
            return Fraction(self.size)
        used = Counter(self.indices)
        used.pop(self.problem.ignore_index, None)
        return total(multiply(Fraction(n), self.weight[y]) for y, n in used.items())

    def value(self) -> Enclosure:
        """Return the loss."""
        if self.problem.reduction == "none":
            return self._enclose(self.problem.value_shape, self.loss)
        return self._enclose((), lambda _: self._total)

    @cached_property
    def _total(self) -> tuple[Term, Admit]:
        terms = [self.loss(n) for n in range(self.size)]
        return _ratio(_sum(terms), self.denominator)

    def loss(self, n: int) -> tuple[Term, Admit]:
        """Return the loss of row n, and what is admitted beside it."""
        return self._once("loss", n, lambda: self._loss(n))

    def _loss(self, n: int) -> tuple[Term, Admit]:
        e, row = self.coefficients(n), self.row(n)
        if e is None:
            return Form(), Admit.NOTHING
        if row.limit:
            return math.nan, _limits(row, e)
        parts = [_product(row.surprise(c), factor) for c, factor in e.items()]
        result, also = _sum(parts)
        if not row.logits:
            also |= Admit.NAN
        if self._all_smoothing_at_infinity(n, row) or self._odd_weights:
            also |= Admit.NAN
        return result, also

    @cached_property
    def _odd_weights(self) -> bool:
        """Say whether a factor 0 leaves it open if a weight inf or nan enters."""
        if all(isinstance(w, Fraction) for w in self.weight):
            return False
        if self.problem.target_kind != "probability":
            return True
        # (1 − ε) w t + w ε/C and w ((1 − ε) t + ε/C) differ where the first is 0 · inf.
        eps = self.problem.label_smoothing
        return bool(eps) and (eps == 1 or bool((self._probabilities == 0).any()))

    def _all_smoothing_at_infinity(self, n: int, row: Row) -> bool:
        """Say whether the target's own factor 1 − ε = 0 meets −log 0."""
        if self.problem.label_smoothing != 1 or row.top is None:
            return False
        if self.problem.target_kind == "probability":
            return False
        return row.gap(self.indices[n]) is None

    @cached_property
    def _scales(self) -> list[Extended]:
        """s_n: one for each row if they differ, else one."""
        u = self.problem.upstream
        if self.problem.reduction == "none" and u is not None:
            return list(u.values.ravel())
        up: Extended = ONE if u is None else u.values.item()
        w = self.denominator
        if not w:
            up = up if is_nan(up) else math.inf  # u/0: rows are settled by the table
        elif self.problem.reduction == "mean":
            up = divide(up, w)
        return [up]

    def scale(self, n: int) -> Extended:
        """Return s_n."""
        return self._scales[n if len(self._scales) > 1 else 0]

    def gradient_input(self) -> Enclosure:
        """Return the gradient by the logits, of their shape."""
        problem = self.problem

        def evaluate(precision: int) -> Sequence[Element]:
            done: dict[int, Element] = {}

            def make(i: int) -> Element:
                n, c = problem.place(i)
                maker = self._softmax(n, c)
                if id(maker) not in done:
                    done[id(maker)] = maker(precision)
                return done[id(maker)]

            return Lazy(math.prod(problem.input.shape), make)

        return Enclosure(problem.input.shape, evaluate)

    def _softmax(self, n: int, j: int) -> Callable[[int], Element]:
        """Return what evaluates the gradient by logit j of row n at some precision."""
        s = self.scale(n)
        by_class: dict[int, Callable[[int], Element]]
        by_class = self._once("gradient", n, dict, s)
        if j not in by_class:
            slope = self._slope(n, s, j)
            by_class[j] = _nan_too(slope) if self._odd_weights else slope
        return by_class[j]

    def _slope(self, n: int, s: Extended, j: int) -> Callable[[int], Element]:
        row, e = self.row(n), self.coefficients(n)
        if e is None:
            odd = row.top is None or not isinstance(s, Fraction)
            return _constant(Element(also=Admit.NAN if odd else Admit.NOTHING))
        if row.top is None:
            also = Admit.FINITE if row.limit else Admit.NOTHING
            return _constant(Element(special=math.nan, also=also))
        a = self._once("sum", n, lambda: total(e.values()))
        if is_nan(s) or is_nan(a):
            return _constant(Element(special=math.nan))
        if not isinstance(s, Fraction) or not isinstance(a, Fraction):
            also = INFINITE | Admit.ZERO if isinstance(a, Fraction) else ANY
            return _constant(Element(special=math.nan, also=also))
        rational, gap = -Fraction(e.get(j, NONE)) * s, row.gap(j)
        if gap is None:
            return _constant(Element(rational))
        spread, evaluator, kappa = row.spread, self.evaluator, a * s
        return lambda precision: evaluator.softmax(
            rational, kappa, spread, gap, precision
        )

    def gradient_target(self) -> Enclosure:
        """Return the gradient by class probabilities, of their shape."""
        keep = 1 - self.problem.label_smoothing

        def term(i: int) -> tuple[Term, Admit]:
            n, c = self.problem.place(i)
            row = self.row(n)
            factor = multiply(multiply(keep, self.weight[c]), self.scale(n))
            if row.limit:
                return math.nan, _limits(row, {c: factor})
            return _product(row.surprise(c), factor)

        return self._enclose(self.problem.input.shape, term)

    def gradient_weight(self) -> Enclosure:
        """Return the gradient by the class weights, `(C,)`."""
        return self._enclose((self.problem.classes,), lambda c: self._weight_columns[c])

    @cached_property
    def _weight_columns(self) -> list[tuple[Term, Admit]]:
        indices = self.problem.target_kind == "index"
        shares = [self._shares(n) for n in range(self.size)]
        used = [n for n, t in enumerate(shares) if t is not None]
        columns: list[tuple[Term, Admit]] = []
        for c in range(self.problem.classes):
            parts = [
                _product(self.row(n).surprise(c), multiply(t[c], self.scale(n)))
                for n in used
                if (t := shares[n]) is not None and c in t
            ]
            columns.append(_sum(parts))
        if indices and self.problem.reduction == "mean":
            columns = self._quotient_rule(columns)
        if any(self.row(n).limit for n in used) or not isinstance(
            self.denominator, Fraction
        ):
            columns = [(math.nan, ANY)] * len(columns)
        elif not self.denominator:
            # As the table says of other gradients: all ignored, or W = 0 by chance.
            zero: tuple[Term, Admit] = (math.nan, INFINITE | Admit.ZERO)
            columns = [zero if used else (Form(), Admit.NAN)] * len(columns)
        return columns

    def _shares(self, n: int) -> dict[int, Extended] | None:
        """Return {c: ∂e_c/∂w_c} of row n: its coefficients for weights of one."""
        eps, c = self.problem.label_smoothing, self.problem.classes
        share = eps / c if c else NONE
        if self.problem.target_kind == "probability":
            target = exactly(self._probabilities[n])
            return {k: add(multiply(target[k], 1 - eps), share) for k in range(c)}
        if self.coefficients(n) is None:
            return None
        y = self.indices[n]
        if not eps:
            return {y: ONE}
        return {k: share + (1 - eps if k == y else 0) for k in range(c)}

    def _quotient_rule(
        self, columns: list[tuple[Term, Admit]]
    ) -> list[tuple[Term, Admit]]:
        mean, also = self._total
        counts = Counter(self.indices)
        counts.pop(self.problem.ignore_index, None)
        result = []
        for c, (term, a) in enumerate(columns):
            n = counts[c]
            part, b = (
                _product(mean, multiply(Fraction(-n), self.scale(0)))
                if n
                else (Form(), NOTHING)
            )
            result.append(_sum([(term, a), (part, b | (also if n else NOTHING))]))
        return result

    def _enclose(
        self, shape: tuple[int, ...], term: Callable[[int], tuple[Term, Admit]]
    ) -> Enclosure:
        """Return the enclosure whose element i is the form `term(i)`."""
        evaluator = self.evaluator

        def evaluate(precision: int) -> Sequence[Element]:
            done: dict[int, tuple[Element, object]] = {}

            def make(i: int) -> Element:
                pair = term(i)
                if id(pair) not in done:
                    done[id(pair)] = _element(evaluator, *pair, precision), pair
                return done[id(pair)][0]

            return Lazy(math.prod(shape), make)

        return Enclosure(shape, evaluate)


NOTHING = Admit.NOTHING


def _key(given: NDArray[Any]) -> object:
    """Return what rows with equal numbers share."""
    return tuple(given) if given.dtype.kind == "O" else given.tobytes()


def _element(evaluator: Evaluator, term: Term, also: Admit, precision: int) -> Element:
    if not isinstance(term, Form):
        return element(term, also)
    made = evaluator.form(term, precision)
    return Element(made.rational, made.remainder, also=also)


def _nan_too(make: Callable[[int], Element]) -> Callable[[int], Element]:
    """Return the same, with nan admitted beside it."""

    def made(precision: int) -> Element:
        found = make(precision)
        return replace(found, also=found.also | Admit.NAN)

    return made


def _limits(row: Row, e: Mapping[int, Extended]) -> Admit:
    """Return what a row with a +inf logit may give: limits, inf by the sign of e_c."""
    # A nan is not 0, and compares false both ways: then only nan is left.
    lost = any(f != 0 for c, f in e.items() if row.logits[c] != math.inf)
    also = NOTHING if lost else Admit.FINITE
    for f in e.values():
        also |= Admit.PLUS_INFINITY if f > 0 else NOTHING
        also |= Admit.MINUS_INFINITY if f < 0 else NOTHING
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
