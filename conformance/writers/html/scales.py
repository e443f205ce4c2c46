"""Where figures of many magnitudes stand on an axis, zero and infinity among them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from conformance.writers.html.charts import Axis

if TYPE_CHECKING:
    from collections.abc import Iterable

_STRIDES: Final = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200)
_MOST_TICKS: Final = 6
_PLAIN: Final = 3
"""Powers of ten up to this one are written out."""

_RARE: Final = 20
"""One in so many figures may stand at an end of the scale."""

_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale from 10^low to 10^high.

    Attributes:
        low: The power of ten where it begins.
        high: The power of ten where it ends, greater than `low`.
        under: What stands left of all powers of ten, such as `0`; empty if nothing.
        over: What stands right of them, such as `∞`; empty if nothing.
    """

    low: int
    high: int
    under: str = ""
    over: str = ""

    @classmethod
    def of(cls, figures: Iterable[float]) -> Self:
        """Return a scale on which all `figures`, none of them negative, have places.

        What nobody could compute, NaN, stands at infinity. Where a few figures are far
        from all others, they stand at the ends too, so that the others can be told
        apart.
        """
        found = list(figures)
        powers = sorted(math.log10(f) for f in found if 0 < f < math.inf) or [0.0]
        low, high = _decades(powers[0], powers[-1])
        rare = len(powers) // _RARE
        inner = _decades(powers[rare], powers[-1 - rare])
        if inner[1] - inner[0] < (high - low) / 2:
            low, high = inner
        zero, infinite = 0 in found, not all(f < math.inf for f in found)
        under = f"<{power(low)}" if powers[0] < low else "0" if zero else ""
        over = f">{power(high)}" if powers[-1] > high else "∞" if infinite else ""
        return cls(low, high, under, over)

    @property
    def apart(self) -> float:
        """How far from the ends stands what is under or over."""
        return max(0.6, (self.high - self.low) / 9)

    def place(self, figure: float) -> float:
        """Return where `figure` stands.

        >>> Scale(-3, 0, "0").place(0.01), Scale(-3, 0, "0").place(0.0)
        (-2.0, -3.6)
        """
        if not figure < math.inf:
            return self.high + self.apart
        place = math.log10(figure) if figure else -math.inf
        if place < self.low:
            return self.low - self.apart
        return place if place <= self.high else self.high + self.apart

    def span(self, figure: float, classes: int) -> tuple[float, float]:
        """Return the ends of the class that `figure` is in, one of `classes` alike.

        >>> Scale(0, 4).span(50.0, 4)
        (1.0, 2.0)
        """
        place = self.place(figure)
        if not self.low <= place <= self.high:
            half = self.apart / 2
            return place - half, place + half
        width = (self.high - self.low) / classes
        start = min(math.floor((place - self.low) / width), classes - 1)
        return self.low + start * width, self.low + (start + 1) * width

    def axis(self, label: str) -> Axis:
        """Return the axis with its ticks."""
        margin = (self.high - self.low) / 40
        low, high = self.low - margin, self.high + margin
        ticks = [(float(k), power(k)) for k in _powers(self.low, self.high)]
        if self.under:
            low = self.low - self.apart - margin
            # The texts of two ticks so near each other would touch, but for a short 0.
            ticks = [t for t in ticks if t[0] > self.low or self.under == "0"]
            ticks.insert(0, (self.low - self.apart, self.under))
        if self.over:
            high = self.high + self.apart + margin
            ticks = [t for t in ticks if t[0] < self.high]
            ticks.append((self.high + self.apart, self.over))
        return Axis(label, low, high, tuple(ticks))


def _decades(low: float, high: float) -> tuple[int, int]:
    start = math.floor(low)
    return start, max(math.ceil(high), start + 1)


def _powers(low: int, high: int) -> range:
    span = high - low
    stride = next((s for s in _STRIDES if span // s < _MOST_TICKS), span)
    first = math.ceil(low / stride) * stride
    return range(first, high + 1, stride)


def power(exponent: int) -> str:
    """Return a power of ten as text.

    >>> power(-2), power(0), power(3), power(-12)
    ('0.01', '1', '1000', '10⁻¹²')
    """
    if abs(exponent) <= _PLAIN:
        return f"{10.0**exponent:g}"
    return f"10{raised(exponent)}"


def raised(exponent: int) -> str:
    """Return a whole number in raised digits."""
    return str(exponent).translate(_RAISED)
