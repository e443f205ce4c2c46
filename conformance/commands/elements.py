"""Single elements of an enclosure, for those who show few of many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reference import Enclosure, Undecided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reference.columns import Columns
    from reference.element import Element

    Floats = NDArray[np.float64]


def part(exact: Enclosure, place: int) -> Enclosure:
    """Return one element, by its row-major place, as an enclosure of shape `()`."""

    def evaluate(precision: int) -> Sequence[Element]:
        return [exact.elements(precision)[place]]

    def tier(bits: int, _at: NDArray[np.intp] | None, /) -> Columns:
        return exact.columns(bits, np.array([place])).reshape(())

    return Enclosure((), evaluate, tier)


def rounded(exact: Enclosure, place: int, form: str) -> float | tuple[float, float]:
    """Return one element rounded to a format, or the two results left undecided."""
    try:
        value = part(exact, place).round_to(form)
    except Undecided as undecided:
        return undecided.candidates
    return float(value.astype(np.float64).item())


def extremes(exact: Enclosure) -> tuple[int, int] | None:
    """Return the places of the smallest and the largest element that is a number.

    Infinities and nan are left aside; None if there is nothing else. Of elements that
    two float64 numbers each do not tell apart, the first.
    """
    head, tail, _ = (column.ravel() for column in exact.expansion())
    places = np.flatnonzero(~exact.special.ravel())
    if not places.size:
        return None
    head, tail = head[places], tail[places]
    return int(places[_least(head, tail)]), int(places[_least(-head, -tail)])


def _least(head: Floats, tail: Floats) -> int:
    least = head.min()
    if math.isinf(least):
        return int(np.argmin(head))
    # A head is the number nearest to its element, or next to that: the least element
    # may be two places from the least head. Such neighbours subtract exactly.
    near = np.flatnonzero(head <= np.nextafter(np.nextafter(least, np.inf), np.inf))
    return int(near[np.argmin((head[near] - least) + tail[near])])


def classes(exact: Enclosure) -> dict[str, int]:
    """Return how many elements are nan, inf and -inf, those that there are."""
    head, _, _ = exact.expansion()
    special = head[exact.special]
    found = {
        "nan": int(np.isnan(special).sum()),
        "inf": int((special == np.inf).sum()),
        "-inf": int((special == -np.inf).sum()),
    }
    return {name: count for name, count in found.items() if count}
