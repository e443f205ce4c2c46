"""Masks and repetitions with structure; independent draws hide faults of structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.builders.choices import Choices

_PERIODS: Final = (2, 3, 16, 256)


def mask(choices: Choices, count: int, length: int = 1) -> list[bool]:
    """Return which of `count` places are marked: all, a block, in turn, at random.

    Args:
        choices: Where every choice comes from.
        count: How many places.
        length: Places of a sequence, of which there may be many: some masks mark the
            same part of each.
    """
    if count == 0:
        return []
    if length > 1 and choices.chance(1, 3):
        return choices.choice(_IN_SEQUENCES)(choices, count, length)
    return choices.choice(_MASKS)(choices, count)


def repeats(choices: Choices, count: int, distinct: int) -> list[int]:
    """Return which of `distinct` templates each of `count` places takes.

    In turn, in blocks, or all the first one but for a single place.
    """
    style = choices.integer(0, 2)
    if style == 0:
        return [i % distinct for i in range(count)]
    if style == 1:
        return [i * distinct // count for i in range(count)]
    odd = choices.integer(0, max(count - 1, 0))
    return [distinct - 1 if i == odd else 0 for i in range(count)]


def _periodic(choices: Choices, count: int) -> list[bool]:
    period = choices.choice((*_PERIODS, count))
    remainder = choices.choice((0, 1, period - 1)) % period
    return [i % period == remainder for i in range(count)]


def _prefix(choices: Choices, count: int) -> list[bool]:
    length = choices.integer(1, count)
    return [i < length for i in range(count)]


def _suffix(choices: Choices, count: int) -> list[bool]:
    return _prefix(choices, count)[::-1]


def _all_but_one(choices: Choices, count: int) -> list[bool]:
    kept = choices.integer(0, count - 1)
    return [i != kept for i in range(count)]


def _single(choices: Choices, count: int) -> list[bool]:
    return [not kept for kept in _all_but_one(choices, count)]


def _all(_choices: Choices, count: int) -> list[bool]:
    return [True] * count


def _random(choices: Choices, count: int) -> list[bool]:
    # One draw for 16 places keeps long masks cheap.
    words = [choices.integer(0, (1 << 16) - 1) for _ in range((count + 15) // 16)]
    return [bool(words[i // 16] >> i % 16 & 1) for i in range(count)]


def _one_of_each(choices: Choices, count: int, length: int) -> list[bool]:
    place = choices.choice((0, 0, length - 1))
    return [i % length == place for i in range(count)]


def _end_of_each(choices: Choices, count: int, length: int) -> list[bool]:
    """Mark what follows the first few places of each sequence, as padding does."""
    kept = [choices.integer(0, length) for _ in range(min(count // length, 4))]
    return [i % length >= kept[i // length % len(kept)] for i in range(count)]


_MASKS: Final[tuple[Callable[[Choices, int], list[bool]], ...]] = (
    _single,
    _single,
    _periodic,
    _periodic,
    _periodic,
    _prefix,
    _suffix,
    _all_but_one,
    _all,
    _random,
    _random,
)
_IN_SEQUENCES: Final[tuple[Callable[[Choices, int, int], list[bool]], ...]] = (
    _one_of_each,
    _end_of_each,
)
