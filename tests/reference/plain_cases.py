"""Cases of cross-entropy, and how they are asked: every option with every other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from plain_formats import BINARY64, LINES, floats_of
from plain_losses import Classes

import reference

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = ((), (1,), (2,), (3,), (2, 2), (1, 3), (2, 1, 2))
"""Shapes of the rows: () is unbatched, (N, d1, …) goes with input (N, C, d1, …)."""


@dataclass(frozen=True)
class Question:
    """A case together with the shape it is asked in.

    Attributes:
        case: The rows.
        rows: The shape of the rows, `input`'s without its class axis.
    """

    case: Classes
    rows: tuple[int, ...]

    def nested(self, rows: Any) -> Any:
        """Return one list of C numbers for each row as lists in `input`'s shape."""
        if self.rows == ():
            return list(rows[0])
        shape = (self.rows[0], len(rows[0]), *self.rows[1:])
        array = np.empty(shape, dtype=object)
        for row, (first, *others) in zip(rows, np.ndindex(self.rows), strict=True):
            for c, x in enumerate(row):
                array[(first, c, *others)] = x
        return array.tolist()

    def target(self) -> tuple[Any, str]:
        """Return the target and its kind."""
        if not isinstance(self.case.target[0], int):
            return self.nested(self.case.target), "probability"
        return np.array(self.case.target).reshape(self.rows), "index"

    def ask(self) -> reference.Result:
        """Return the oracle's answer."""
        case = self.case
        target, kind = self.target()
        up: Any = None if case.upstream is None else list(case.upstream)
        if up is not None and (case.reduction != "none" or self.rows == ()):
            up = up[0]
        elif up is not None:
            array = np.empty(len(up), dtype=object)
            array[:] = up
            up = array.reshape(self.rows).tolist()
        return reference.cross_entropy(
            self.nested(case.logits),
            target,
            weight=None if case.weight is None else list(case.weight),
            ignore_index=case.ignore_index,
            reduction=case.reduction,
            label_smoothing=case.smoothing,
            upstream=up,
            target_kind=kind,
        )

    def place(self, n: int, c: int) -> tuple[int, ...]:
        """Return where class c of row n stands in `input`."""
        if self.rows == ():
            return (c,)
        first, *others = list(np.ndindex(self.rows))[n]
        return (first, c, *others)


def _fractions(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Fraction]:
    return numbers.map(Fraction)


small = _fractions(st.integers(-3, 3).map(lambda n: n / 2))
moderate = _fractions(st.floats(-60, 60, width=32))
gapped = _fractions(st.sampled_from([0.0, 1.0, -20.0, -150.0, 80.0, 300.5]))
offset = _fractions(st.integers(-4, 4).map(lambda n: 100000 + n / 8))
rationals = st.fractions(-20, 20, max_denominator=30)
anything = _fractions(st.sampled_from(LINES).flatmap(floats_of))
tame = (small, moderate, gapped, offset, rationals)

eighths = st.integers(-16, 16).map(lambda n: Fraction(n, 8))
positive = st.integers(1, 24).map(lambda n: Fraction(n, 8))
wild = _fractions(floats_of(BINARY64))


@st.composite
def questions(
    draw: Callable[..., Any],
    logits: tuple[st.SearchStrategy[Fraction], ...] = tame,
    factors: tuple[st.SearchStrategy[Fraction], ...] = (positive, eighths),
) -> Question:
    """Draw a case with a finite answer: some row counts, and the divisor is not 0."""
    rows = draw(st.sampled_from(SHAPES))
    n, classes = int(np.prod(rows)), draw(st.integers(1, 5))
    kind = draw(st.sampled_from(logits))
    table = [[draw(kind) for _ in range(classes)] for _ in range(n)]
    if n > 1 and draw(st.booleans()):
        table[-1] = list(reversed(table[0]))
    factor = draw(st.sampled_from(factors))
    weight = draw(st.none() | st.lists(factor, min_size=classes, max_size=classes))
    case = Classes(
        table,
        [],
        weight,
        reduction=draw(st.sampled_from(["none", "mean", "sum"])),
        smoothing=draw(smoothings),
    )
    if draw(st.booleans()):
        mass = st.lists(factor, min_size=classes, max_size=classes)
        case = replace(case, target=[draw(mass) for _ in range(n)])
    else:
        ignored = draw(st.sampled_from([-100, 0, classes + 2]))
        allowed = st.integers(0, classes - 1) | st.just(ignored)
        target = [draw(allowed) for _ in range(n)]
        case = replace(case, target=target, ignore_index=ignored)
        assume(case.reduction != "mean" or case.kept)
    assume(case.divisor)
    numbers = n if case.reduction == "none" else 1
    upstream = draw(st.none() | st.lists(factor, min_size=numbers, max_size=numbers))
    return Question(replace(case, upstream=upstream), rows)


smoothings = st.sampled_from([0.0, 0.0, 0.1, 0.5, 1.0, 2.0**-60, 1 - 2.0**-53]).map(
    Fraction
)
