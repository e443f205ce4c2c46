"""Random problems of every kind, each by two numbers: a seed and an index.

The same pair gives the same problem, whatever was drawn before it. Arguments are what a
user passes: arrays of a storage format, or nested lists of Fractions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from plain_formats import LINES, Line

import reference
from reference.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Array = np.ndarray[Any, Any]

T = TypeVar("T")

INF: Final = math.inf
ROWS: Final = ((), (1,), (2,), (3,), (4,), (6,), (2, 2), (1, 3), (2, 1, 2))
SMOOTHINGS: Final = (0.0, 0.0, 0.0, 2.0**-60, 0.1, 0.1, 0.5, 1.0, 1 - 2.0**-53)
FRACTIONS: Final = "Fraction"
"""Stands for a data type: arguments are nested lists of Fractions."""

REGRESSION_SHAPES: Final = (
    ((), ()),
    ((1,), (1,)),
    ((5,), (5,)),
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((4,), ()),
    ((2, 1, 2), (3, 1)),
)


@dataclass(frozen=True)
class RandomProblem:
    """A question as a user puts it.

    Attributes:
        seed: With `index`, what the problem is drawn from.
        index: Its number.
        loss: `mae`, `mse` or `cross_entropy`.
        kind: How its input was drawn.
        arguments: What the loss is called with, by name.
    """

    seed: int
    index: int
    loss: str
    kind: str
    arguments: Mapping[str, Any]

    def ask(self) -> reference.Result:
        """Return the oracle's answer."""
        result: reference.Result = getattr(reference, self.loss)(**self.arguments)
        return result

    def line(self) -> str:
        """Return the line that asks the same question again, and what it asks."""
        shown = ", ".join(f"{k}={_shown(v)}" for k, v in self.arguments.items())
        again = f"random_problems.draw({self.seed}, {self.index}).ask()"
        return f"{again}  # reference.{self.loss}({shown})"


def draw(seed: int, index: int) -> RandomProblem:
    """Return problem number `index` of a seed."""
    source = Source(seed, index)
    loss = source.one_of(("cross_entropy",) * 8 + ("mae", "mse"))
    make = _cross_entropy if loss == "cross_entropy" else _regression
    kind, arguments = make(source)
    return RandomProblem(seed, index, loss, kind, arguments)


def draw_all(seed: int, indices: range) -> Iterator[RandomProblem]:
    """Yield the problems of a range of indices."""
    return (draw(seed, index) for index in indices)


class Source:
    """Choices from a counter-based generator."""

    def __init__(self, seed: int, index: int) -> None:
        """Start the stream that belongs to the pair."""
        self.numbers = np.random.Generator(np.random.Philox(key=[seed, index]))

    def chance(self, probability: float) -> bool:
        """Return true as often as `probability` says."""
        return bool(self.numbers.random() < probability)

    def below(self, n: int) -> int:
        """Return an integer in [0, n)."""
        return int(self.numbers.integers(n))

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of the options, each as often as the others."""
        return options[self.below(len(options))]

    def normal(self, size: int, deviation: float) -> list[float]:
        """Return normally distributed numbers around 0."""
        numbers: list[float] = (self.numbers.standard_normal(size) * deviation).tolist()
        return numbers

    def bits(self, line: Line) -> float:
        """Return a finite number of a format by its bits: any size, any sign."""
        value = line.number(self.below(line.infinity))
        return -value if self.chance(0.5) else value


# --- logits, one row at a time


def _normal(source: Source, size: int, line: Line) -> list[float]:
    del line
    return source.normal(size, source.one_of((0.1, 1.0, 10.0, 100.0)))


def _halves(source: Source, size: int, line: Line) -> list[float]:
    del line
    return [(source.below(9) - 4) / 2 for _ in range(size)]


def _equal(source: Source, size: int, line: Line) -> list[float]:
    return [source.bits(line)] * size


def _offset(source: Source, size: int, line: Line) -> list[float]:
    """Neighbours far from zero: their gaps are few units of the last place."""
    start = source.below(line.infinity - 64)
    sign = source.one_of((-1, 1))
    return [sign * line.number(start + source.below(64)) for _ in range(size)]


def _midpoint(source: Source, size: int, line: Line) -> list[float]:
    """Gaps that are midpoints of a format, or its integers: R + next to nothing."""
    del line
    gap = 2.0 ** source.one_of((8, 11, 12, 24, 53)) + source.one_of((0, 1, 3))
    few = (0.0, -gap, -gap, -gap - 1, 1 - gap)
    return [0.0, *(source.one_of(few) for _ in range(size - 1))]


def _dominated(source: Source, size: int, line: Line) -> list[float]:
    del line
    row = source.normal(size, 3.0)
    row[source.below(size)] += source.one_of((20.0, 60.0, 300.0, 800.0, 5000.0))
    return row


def _wide(source: Source, size: int, line: Line) -> list[float]:
    return [source.bits(line) for _ in range(size)]


def _tiny(source: Source, size: int, line: Line) -> list[float]:
    return [line.number(source.below(5)) for _ in range(size)]


_LOGITS: Final[Mapping[str, Callable[[Source, int, Line], list[float]]]] = {
    "normal": _normal,
    "halves": _halves,
    "equal": _equal,
    "offset": _offset,
    "midpoint": _midpoint,
    "dominated": _dominated,
    "wide": _wide,
    "tiny": _tiny,
}
_OFTEN: Final = ("normal", "normal", "normal", "halves", "dominated", *_LOGITS)


def _fractions(source: Source, size: int) -> list[Fraction]:
    bound = source.one_of((3, 40, 2000))
    return [
        Fraction(source.below(2 * bound + 1) - bound, 1 + source.below(30))
        for _ in range(size)
    ]


# --- factors: weights, cotangents, class probabilities


def _factors(source: Source, size: int, line: Line) -> list[float]:
    """Return factors of one kind: positive, with zeros, signed, tiny, of any size."""
    kind = source.below(8)
    numbers = [(1 + source.below(24)) / 8 for _ in range(size)]
    if kind == 0:
        numbers = [n if source.chance(0.6) else 0.0 for n in numbers]
    elif kind == 1:
        numbers = [n if source.chance(0.6) else -n for n in numbers]
    elif kind == 2:
        numbers = [line.number(1 + source.below(40)) for _ in numbers]
    elif kind == 3:
        numbers = [abs(source.bits(line)) for _ in numbers]
    elif kind == 4:
        numbers = [abs(x) for x in source.normal(size, 1.0)]
    return numbers


def _mass(source: Source, size: int, line: Line) -> list[float]:
    """Return class probabilities: few sum to 1, some are 0, some rows are one-hot."""
    kind = source.below(6)
    if kind == 0:
        hot = source.below(size)
        return [float(c == hot) for c in range(size)]
    if kind == 1:
        return [0.0] * size
    if kind == 2:
        return _factors(source, size, line)
    numbers = [abs(x) for x in source.normal(size, 1.0)]
    whole = sum(numbers) if kind < 5 else 1.0
    return [x / whole if source.chance(0.8) else 0.0 for x in numbers]


# --- problems


def _cross_entropy(source: Source) -> tuple[str, dict[str, Any]]:
    rows = source.one_of(ROWS) if source.chance(0.98) else (0,)
    count = math.prod(rows)
    classes = 1 + source.below(7) if source.chance(0.98) else 8 + source.below(25)
    kind, store, table = _table(source, count, classes)
    indices = source.chance(0.6)
    reduction = source.one_of(("none", "mean", "sum"))
    arguments: dict[str, Any] = {"input": store.placed(table, rows, classes)}
    if indices:
        target, ignored = _indices(source, count, classes)
        arguments["target"] = np.array(target, dtype=np.int64).reshape(rows)
        arguments["ignore_index"] = ignored
    else:
        mass = [store.numbers(_mass, classes) for _ in range(count)]
        arguments["target"] = store.placed(mass, rows, classes)
    arguments |= {
        "reduction": reduction,
        "label_smoothing": source.one_of(SMOOTHINGS),
        "target_kind": "index" if indices else "probability",
    }
    if source.chance(0.5):
        arguments["weight"] = store.array(store.numbers(_factors, classes), (classes,))
    if source.chance(0.4):
        shape = rows if reduction == "none" else ()
        up = store.numbers(_factors, math.prod(shape))
        arguments["upstream"] = store.array(up, shape)
    return kind, arguments


def _table(source: Source, count: int, classes: int) -> tuple[str, Store, list[Any]]:
    """Return rows of logits, some masked by −inf, some repeated, and their storage."""
    if source.chance(0.1):
        store = Store(source, None)
        table: list[Any] = [_fractions(source, classes) for _ in range(count)]
        return FRACTIONS, store, table
    line = source.one_of(LINES)
    kind = source.one_of(_OFTEN)
    store = Store(source, line)
    table = [_LOGITS[kind](source, classes, line) for _ in range(count)]
    if count > 1 and source.chance(0.3):
        table[-1] = table[0][::-1]
    if source.chance(0.15):
        kind += ", masked"
        for row in table:
            _mask(source, row)
    return kind, store, table


def _mask(source: Source, row: list[float]) -> None:
    """Put −inf at some classes, never at all of them."""
    kept = source.below(len(row))
    for c in range(len(row)):
        if c != kept and source.chance(0.4):
            row[c] = -INF


def _indices(source: Source, count: int, classes: int) -> tuple[list[int], int]:
    """Return class indices: none, some or all ignored, also by an index in range."""
    ignored = source.one_of((-100, -100, 0, classes - 1, classes + 2, -1))
    share = source.one_of((0.0, 0.0, 0.3, 0.3, 1.0))
    target = [source.below(classes) for _ in range(count)]
    return [ignored if source.chance(share) else y for y in target], ignored


def _regression(source: Source) -> tuple[str, dict[str, Any]]:
    first, second = source.one_of(REGRESSION_SHAPES)
    full = np.broadcast_shapes(first, second)
    reduction = source.one_of(("none", "mean", "sum"))
    line = None if source.chance(0.15) else source.one_of(LINES)
    store, kind = Store(source, line), source.one_of(tuple(_LOGITS))
    x, y = (store.numbers(_LOGITS[kind], math.prod(s)) for s in (first, second))
    if source.chance(0.3):
        y[:1] = x[:1]
    arguments = {
        "input": store.array(x, first),
        "target": store.array(y, second),
        "reduction": reduction,
    }
    if source.chance(0.4):
        shape = full if reduction == "none" else ()
        up = store.numbers(_factors, math.prod(shape))
        arguments["upstream"] = store.array(up, shape)
    return kind if line else FRACTIONS, arguments


class Store:
    """How the numbers of a problem are stored: in a format, or as Fractions."""

    def __init__(self, source: Source, line: Line | None) -> None:
        """Store in the format of `line`; None means Fractions."""
        self.source = source
        self.line = line

    def numbers(
        self, make: Callable[[Source, int, Line], list[float]], size: int
    ) -> list[Any]:
        """Return numbers of a kind, or Fractions that are not dyadic."""
        if self.line is not None:
            return make(self.source, size, self.line) if size else []
        if make in (_factors, _mass):
            return [abs(f) / 7 for f in _fractions(self.source, size)]
        return list(_fractions(self.source, size))

    def array(self, values: Sequence[Any], shape: tuple[int, ...]) -> Any:
        """Return numbers in a shape, as an array of the format or as nested lists."""
        if self.line is None:
            made = np.empty(len(values), dtype=object)
            made[:] = values
            return made.reshape(shape).tolist()
        line = self.line
        largest = line.number(line.infinity - 1)
        # −inf is a mask and stays; what a narrow format cannot hold is its largest.
        wide = [v if v == -INF else min(max(v, -largest), largest) for v in values]
        return np.array(wide, dtype=np.float64).reshape(shape).astype(_dtype(line))

    def placed(
        self, table: Sequence[Sequence[Any]], rows: tuple[int, ...], classes: int
    ) -> Any:
        """Return a row for each place as an argument (C,), (N, C) or (N, C, d1, …)."""
        if not table:
            # An array, since lists cannot say how many classes no row has.
            return np.zeros((0, classes))
        if not rows:
            return self.array(table[0], (classes,))
        order = np.arange(len(table) * classes).reshape((*rows, classes))
        order = np.moveaxis(order, -1, 1)
        flat = [x for row in table for x in row]
        return self.array([flat[i] for i in order.ravel()], order.shape)


def _dtype(line: Line) -> np.dtype[Any]:
    return FORMATS[line.name].dtype


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        numbers = value.astype(np.float64 if value.dtype.kind != "i" else np.int64)
        return f"np.array({numbers.tolist()}, dtype={value.dtype.name!r})"
    return repr(value)
