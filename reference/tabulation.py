"""Elements as columns: each exact value to twice the precision of binary64."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from reference.columns import Columns
from reference.remainder import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reference.element import Element

BELOW_FLOAT64: Final = -1200
"""2**−1200 is far below the smallest binary64 number."""


def tabulate(items: Sequence[Element]) -> Columns:
    """Return columns of elements; the same object is expanded once."""
    done: dict[int, tuple[float, float, float]] = {}
    for item in items:
        if id(item) not in done:
            done[id(item)] = _expand(item)
    rows = np.array([done[id(item)] for item in items], dtype=np.float64)
    head, tail, radius = np.ascontiguousarray(rows.reshape(-1, 3).T)
    special = np.array([item.special is not None for item in items], dtype=np.bool_)
    also = np.array([int(item.also) for item in items], dtype=np.uint8)
    for array in (head, tail, radius, special, also):
        array.flags.writeable = False
    return Columns(head, tail, radius, special, also)


def _expand(item: Element) -> tuple[float, float, float]:
    if item.special is not None:
        return item.special, 0.0, 0.0
    if item.remainder is NOTHING:
        low = high = item.rational
    else:
        low, high = item.ends(BELOW_FLOAT64)
    head = _nearest(low)
    if math.isinf(head) and head == _nearest(high):
        return head, 0.0, 0.0
    try:
        rest = low - Fraction(head)
        tail, width = float(rest), float(high - low)
    except OverflowError:
        return 0.0, 0.0, math.inf  # the ends are on either side of a limit of binary64
    if item.is_rational and Fraction(tail) == rest:
        return head, tail, 0.0
    # |float(rest) − rest| ≤ 2**−53 |tail| or half a subnormal; doubling covers what
    # is left.
    radius = width + abs(tail) * 2.0**-53
    return head, tail, radius * (1 + 2.0**-50) + 2.0**-1073


def _nearest(value: Fraction) -> float:
    try:
        return float(value)  # int ÷ int is correctly rounded, subnormals included
    except OverflowError:
        return -math.inf if value < 0 else math.inf
