"""Masks and repetitions with structure; independent draws hide faults of structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.builders.choices import Choices

_PERIODS: Final = (2, 3, 16, 256)


def mask(choices: Choices, count: int) -> list[bool]:
    """Return which of `count` places are marked: all, a block, in turn."""
    if count == 0:
        return []
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
    remainder = choices.integer(0, 1) % period
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
)
