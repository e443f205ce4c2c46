"""Enclosures of exact values, with correct rounding of them into a format."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np
from mpmath import MPContext

from reference import description
from reference.element import Admit, Element, same_class
from reference.fast import premises
from reference.formats import Format, format_named
from reference.precision import FIRST_PRECISION, LAST_PRECISION, ROUNDING_BITS, TIERS
from reference.remainder import ZERO, Mpf, magnitude
from reference.tabulation import BELOW_FLOAT64, tabulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reference.columns import Columns

_NUMBERS: Final = MPContext()  # private: only carries end points, never computes


class Undecided(Exception):  # noqa: N818 - an answer, not a fault of the caller
    """A rounding was not decided at the largest working precision.

    The exact value is too close to a midpoint of the format, or on it in a way that no
    rule recognises: possible only where terms of both signs cancel.

    Attributes:
        candidates: The two neighbours it can still round to.
    """

    def __init__(self, index: tuple[int, ...], candidates: tuple[float, float]) -> None:
        """Say which element, and between what."""
        self.index = index
        self.candidates = candidates
        super().__init__(
            f"rounding of element {index} is undecided between {candidates[0]!r} and "
            f"{candidates[1]!r} at {LAST_PRECISION} bits; use lower and upper instead"
        )


class Tier(Protocol):
    """Answers many elements at once, at one of the precisions `TIERS`."""

    def __call__(self, bits: int, at: NDArray[np.intp] | None, /) -> Columns | None:
        """Return all elements in their shape, or those `at` some places, in a row.

        `bits` is one of `TIERS`. None where there is no fast answer.

        Raises:
            PremiseError: If the arithmetic of this thread is not what its proofs need.
        """
        ...


class Rounding(NamedTuple):
    """Correctly rounded values, and the working precision in bits that decided each."""

    values: NDArray[Any]
    bits: NDArray[np.int16]


def no_tier(_bits: int, _at: NDArray[np.intp] | None, /) -> None:
    """Answer nothing: every element is evaluated by itself."""


@dataclass(frozen=True, eq=False)
class Enclosure:
    """An array of exact values, each proved to lie between `lower` and `upper`.

    Every element is an exact rational plus a transcendental remainder, of which the
    working precision gives a relative interval; asking a question raises the precision
    until the answer is decided.

    Attributes:
        shape: The shape of the array.
    """

    shape: tuple[int, ...]
    _evaluate: Callable[[int], Sequence[Element]]
    _tier: Tier = no_tier
    _large: bool = False
    _known: dict[int, Sequence[Element]] = field(default_factory=dict, repr=False)
    _columns: dict[int, Columns] = field(default_factory=dict, repr=False)

    def with_tier(self, tier: Tier, *, large: bool = False) -> Enclosure:
        """Return the same exact values, with faster answers for many of them.

        Args:
            tier: Gives them.
            large: Is one element so much work that to describe it the tier is asked
                first? It shows digits, but does not know a fraction when it sees one.
        """
        return replace(self, _tier=tier, _large=large, _columns={})

    def elements(self, precision: int = FIRST_PRECISION) -> Sequence[Element]:
        """Return the elements, row-major, with remainders to 2**−precision."""
        if precision not in self._known:
            self._known[precision] = self._evaluate(precision)
        return self._known[precision]

    def columns(
        self,
        precision: int = FIRST_PRECISION,
        at: NDArray[np.intp] | None = None,
    ) -> Columns:
        """Return the elements as float64 arrays, from the fastest tier that can.

        Args:
            precision: Working precision of the transcendental parts, in bits.
            at: Row-major positions; then the result has one dimension.

        Raises:
            PremiseError: If this thread's arithmetic does not round to nearest or
                flushes subnormal numbers.
        """
        premises.check()  # the slow path ends in float64 arrays too
        made = self._tiered(precision, at)
        if made is not None:
            return made
        precision = max(precision, FIRST_PRECISION)
        if precision not in self._columns or at is not None:
            items = self.elements(precision)
            places = range(math.prod(self.shape)) if at is None else at.tolist()
            made = tabulate([items[i] for i in places])
            if at is not None:
                return made
            self._columns[precision] = made.reshape(self.shape)
        return self._columns[precision]

    def _tiered(self, precision: int, at: NDArray[np.intp] | None) -> Columns | None:
        """Return columns from the cheapest tier that reaches the precision, if any."""
        bits = next((b for b in TIERS if precision <= b), None)
        if bits is None:
            return None
        if bits in self._columns:
            known = self._columns[bits]
            return known if at is None else known.at(at)
        made = self._tier(bits, at)
        if made is not None and at is None:
            self._columns[bits] = made
        return made

    @property
    def lower(self) -> NDArray[Any]:
        """Lower ends, `shape`: Fraction, mpf (far below every format) or float."""
        return self._objects([_end(e, 0) for e in self.elements()])

    @property
    def upper(self) -> NDArray[Any]:
        """Upper ends, `shape`: Fraction, mpf (far below every format) or float."""
        return self._objects([_end(e, 1) for e in self.elements()])

    @property
    def special(self) -> NDArray[np.bool_]:
        """Where nan or an infinity is the required result, `shape`."""
        special = self._any_columns.special
        return np.zeros(self.shape, dtype=np.bool_) if special is None else special

    @property
    def also(self) -> NDArray[np.uint8]:
        """Classes of results admitted beside the required one, `shape`, as `Admit`."""
        also = self._any_columns.also
        return np.zeros(self.shape, dtype=np.uint8) if also is None else also

    @cached_property
    def _any_columns(self) -> Columns:
        """Columns of any precision: classes do not depend on it."""
        return next(iter(self._columns.values()), None) or self.columns(TIERS[0])

    def round_to(self, name: str) -> NDArray[Any]:
        """Return the correctly rounded values, `shape`, in the format called `name`.

        To nearest, ties to even, once, straight from the enclosure. A zero has the sign
        of the exact value; it is +0 where that is 0, or so near to 0 that the largest
        working precision does not tell.

        Raises:
            ValueError: If there is no such format.
            Undecided: If the rounding of an element cannot be decided.
            PremiseError: If this thread's arithmetic does not round to nearest or
                flushes subnormal numbers.
        """
        return self.rounding(name).values

    def rounding(self, name: str) -> Rounding:
        """Return what `round_to` returns, and what precision each element took.

        Ziv's strategy: the fewest bits first, more only for what they leave open, and
        each element by itself once no faster tier reaches the precision.
        """
        fmt = format_named(name)
        premises.check()  # conversions into narrow formats may flush, too
        values = np.zeros(math.prod(self.shape))
        bits = np.zeros(values.shape, dtype=np.int16)
        open_ = np.arange(values.size)
        for precision in self._tiers(fmt):
            made = self._tiered(precision, None if open_.size == values.size else open_)
            if made is None:
                continue
            rounded, decided = made.round(fmt)
            done = open_[decided.ravel()]
            values[done] = rounded.ravel()[decided.ravel()]
            bits[done] = precision
            open_ = open_[~decided.ravel()]
            if not open_.size:
                break
        for i in open_.tolist():
            values[i], bits[i] = self._rounded(i, fmt)
        return Rounding(fmt.array(values, self.shape), bits.reshape(self.shape))

    @staticmethod
    def _tiers(fmt: Format) -> tuple[int, ...]:
        return tuple(b for b in TIERS if b >= fmt.precision + ROUNDING_BITS)

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lower and upper ends as two float64 arrays, rounded outward."""
        head, tail, radius = self.expansion()
        # Tail first: head + tail may overflow, tail − radius does not.
        with np.errstate(all="ignore"):
            low = np.nextafter(head + np.nextafter(tail - radius, -np.inf), -np.inf)
            high = np.nextafter(head + np.nextafter(tail + radius, np.inf), np.inf)
        huge, biggest = np.isinf(head) & ~self.special, np.finfo(np.float64).max
        low = np.where(huge, np.where(head > 0, biggest, -np.inf), low)
        high = np.where(huge, np.where(head > 0, np.inf, -biggest), high)
        exact = (tail == 0) & (radius == 0) & ~huge
        return np.where(exact, head, low), np.where(exact, head, high)

    def expansion(
        self, precision: int = FIRST_PRECISION
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return float64 arrays (head, tail, radius), each of `shape`.

        |exact − (head + tail)| ≤ radius in exact arithmetic; head is the binary64
        number nearest to the exact value or next to it, ±inf beyond binary64's range
        (then tail and radius are 0), and the special value where one is required. Where
        terms cancel further than the precision reaches, only the radius tells: it may
        be infinite.
        """
        plain = self.columns(precision).plain()
        return plain.head, plain.tail, plain.radius

    def distance(
        self, index: int, got: float, precision: int = FIRST_PRECISION
    ) -> tuple[Fraction, Fraction]:
        """Return exact lower and upper bounds on |got − exact| for one finite element.

        Args:
            index: Row-major position of the element.
            got: A finite number.
            precision: Working precision of the remainder.
        """
        low, high = self.elements(precision)[index].ends(BELOW_FLOAT64)
        point = Fraction(got)
        above, below = point - low, high - point
        return max(-above, -below, Fraction(0)), max(above, below)

    def magnitude(self, index: int) -> tuple[Fraction, Fraction]:
        """Return exact bounds on |exact| for one finite element."""
        return self.distance(index, 0.0)

    def describe(self, index: int, digits: int = 20) -> str:
        """Return one exact value as text: a fraction if it is one, else its digits.

        The digits are rounded to nearest and all right: precision is raised until they
        are decided. Where terms cancel further than that reaches, two ends are
        returned.
        """
        if self._large and (seen := self._tiered(max(TIERS), np.array([index]))):
            text = description.seen(seen, digits)
            if text:
                return text
        return description.of(lambda p: self.elements(p)[index], digits)

    def _rounded(self, index: int, fmt: Format) -> tuple[float, int]:
        precision = FIRST_PRECISION
        while True:
            low, high = self.elements(precision)[index].candidates(fmt)
            if same_class(low, high) and math.copysign(1, low) == math.copysign(
                1, high
            ):
                return low, precision
            if precision >= LAST_PRECISION:
                if low == high:
                    return 0.0, precision
                position = tuple(int(i) for i in np.unravel_index(index, self.shape))
                raise Undecided(position, (low, high))
            precision *= 2

    def _objects(self, values: list[Any]) -> NDArray[Any]:
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array.reshape(self.shape)


def admits(also: int, got: float) -> bool:
    """Say whether the class of `got` is among the classes `also` admits."""
    if math.isnan(got):
        return bool(also & Admit.NAN)
    if math.isinf(got):
        return bool(also & (Admit.PLUS_INFINITY if got > 0 else Admit.MINUS_INFINITY))
    return bool(also & Admit.FINITE) or (got == 0 and bool(also & Admit.ZERO))


def _end(item: Element, side: int) -> object:
    if item.special is not None:
        return item.special
    t: Mpf = item.remainder.upper if side else item.remainder.lower
    if not item.rational and t != ZERO and magnitude(t) < BELOW_FLOAT64:
        return _NUMBERS.make_mpf(t)
    return item.ends(BELOW_FLOAT64)[side]
