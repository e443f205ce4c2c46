"""The source of choices that builders draw from, and its two implementations."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

T = TypeVar("T")

_WORD_BITS: Final = 64
_DIGIT: Final = 1 << 16
_WORDS: Final = struct.Struct("<64Q")


class Choices(Protocol):
    """An abstract source of choices; the smallest or first answer is the simplest."""

    def integer(self, low: int, high: int) -> int:
        """Return an integer between `low` and `high`, both included."""
        ...

    def choice(self, options: Sequence[T]) -> T:
        """Return one of `options`; repeat one to make it likelier."""
        return options[self.integer(0, len(options) - 1)]

    def chance(self, numerator: int, denominator: int) -> bool:
        """Return True in about `numerator` of `denominator` calls."""
        return self.integer(0, denominator - 1) >= denominator - numerator


class CounterChoices(Choices):
    """Choices read off a counter-based stream: the same everywhere, for ever.

    The words are SHAKE-128 of the key and a block counter. A generator of NumPy would
    not do: its streams may change from release to release.

    Attributes:
        seed: One half of the key.
        index: The other half: which case this is.
        stream: Keeps apart what shares seed and index.
    """

    def __init__(self, seed: int, index: int, stream: str = "") -> None:
        """Start the stream at its first word."""
        self.seed = seed
        self.index = index
        self.stream = stream
        self._block = 0
        self._words: list[int] = []

    def integer(self, low: int, high: int) -> int:
        """Return an integer between `low` and `high`, off uniform by at most 2**-64."""
        span = high - low + 1
        if not 0 < span <= 1 << _WORD_BITS:
            msg = (
                f"a choice needs low <= high and at most 2**{_WORD_BITS} values, "
                f"got low={low} and high={high}"
            )
            raise ValueError(msg)
        if not self._words:
            self._refill()
        return low + (self._words.pop() * span >> _WORD_BITS)

    def _refill(self) -> None:
        key = f"{self.seed}:{self.index}:{self.stream}:{self._block}".encode()
        self._words = list(_WORDS.unpack(hashlib.shake_128(key).digest(_WORDS.size)))
        self._block += 1


class DrawnChoices(Choices):
    """Choices drawn by Hypothesis, which may then direct them."""

    def __init__(self, draw: DrawFn) -> None:
        """Wrap the `draw` of a composite strategy."""
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """Return an integer between `low` and `high`, as Hypothesis likes it."""
        top, rest = divmod(high - low, _DIGIT)
        if not top:
            return self._draw(_integers(low, high))
        # Of a wide range Hypothesis draws mostly the low end; of digits it does not.
        leading = self.integer(0, top)
        last = rest if leading == top else _DIGIT - 1
        return low + leading * _DIGIT + self.integer(0, last)


@lru_cache(maxsize=4096)
def _integers(low: int, high: int) -> SearchStrategy[int]:
    # Imported here because the pool must not need Hypothesis.
    from hypothesis import strategies

    return strategies.integers(low, high)
