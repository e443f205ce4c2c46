r"""The constants of exp and log: 2**(j/8192) and ln 2 / 8192.

Both functions reduce their argument by multiples of the *step* C = ln 2 / 8192. All
constants are made here from integers, with fixed point of `_POINT` bits:

* 2**(1/2**i) by i square roots of 2. `math.isqrt` errs by less than one unit, downward,
  and a square root halves the relative error of what it is taken of: each root is
  within 2 units. 2**(j/8192) is the product of the roots that j's binary digits name:
  at most 13 factors below 2, floored at each step, so within 2**20 units.
* ln 2 = 2 atanh(1/3) = Σ 2/((2i + 1) 3**(2i + 1)), floored term by term: 160 terms err
  by less than one unit each, and the rest of the series is below 3**−320 < 2**−500.

With `_POINT` = 240 these errors are below 2**−219, far below every rounding that
follows; `POWER` and `STEP` state the errors of the constants themselves.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from reference.fast.doubleword import Pair

LOG2_STEPS: Final = 13
STEPS: Final = 2**LOG2_STEPS
"""Steps to a factor of two."""

POWER: Final = 2.0**-106
"""Error of hi + lo in `powers`, absolute; relative too, since the powers are ≥ 1."""

_POINT: Final = 240
_ONE: Final = 1 << _POINT
_HIGH_BITS: Final = 52  # 2**(j/8192) is in [1, 2): a multiple of 2**−52
_LOW_BITS: Final = 105  # its rest is at most 2**−53: a multiple of 2**−105


def _ln2() -> int:
    terms = range(1, 321, 2)
    return sum(2 * _ONE // (i * 3**i) for i in terms)


def _cut(number: int, bits: int) -> int:
    """Return `number` in fixed point, cut down to a multiple of 2**−bits."""
    return number >> (_POINT - bits) << (_POINT - bits)


_STEP: Final = _ln2() >> LOG2_STEPS
_FIRST: Final = _cut(_STEP, 40)
_SECOND: Final = _cut(_STEP - _FIRST, 67)
_THIRD: Final = _cut(_STEP - _FIRST - _SECOND, 94)

STEP_PARTS: Final = (
    math.ldexp(_FIRST >> (_POINT - 40), -40),
    math.ldexp(_SECOND >> (_POINT - 67), -67),
    math.ldexp(_THIRD >> (_POINT - 94), -94),
    (_STEP - _FIRST - _SECOND - _THIRD) / _ONE,
)
"""C in four parts, of which the first three have 27 bits: their products with integers
up to 2**26 are exact. C is in (2**−14, 2**−13), the parts after the first are below
2**−40, 2**−67 and 2**−94; the last is rounded, by less than 2**−147."""

STEP_FIRST: Final = STEP_PARTS[0]
STEP_REST: Final = (_STEP - _FIRST) / _ONE
"""C = STEP_FIRST + STEP_REST; the rest is below 2**−40, and rounded once."""

STEP: Final = _STEP / _ONE
STEP_LOW: Final = (_STEP - int(math.ldexp(STEP, 100)) * (_ONE >> 100)) / _ONE
"""C = STEP + STEP_LOW to a relative 2**−106, as a double word."""

STEPS_PER_UNIT: Final = _ONE / _STEP
"""1/C, rounded once."""


@cache
def powers() -> Pair:
    """Return 2**(j/8192) for j = 0 … 8191 as double words, to `POWER`."""
    roots = [2 * _ONE]
    for _ in range(LOG2_STEPS):
        roots.append(math.isqrt(roots[-1] << _POINT))
    table = [_ONE]
    for root in roots[:0:-1]:  # 2**(1/8192), 2**(2/8192), 2**(4/8192), …
        table += [power * root >> _POINT for power in table]
    return _double_words(table)


def _double_words(table: list[int]) -> Pair:
    """Return numbers in [1, 2) in fixed point as read-only double words."""
    highs = [_nearest(power, _HIGH_BITS) for power in table]
    lows = [
        _nearest(power - (high << (_POINT - _HIGH_BITS)), _LOW_BITS)
        for power, high in zip(table, highs, strict=True)
    ]
    hi = np.array(highs, dtype=np.float64) * 2.0**-_HIGH_BITS
    lo = np.array(lows, dtype=np.float64) * 2.0**-_LOW_BITS
    hi.flags.writeable = lo.flags.writeable = False
    return hi, lo


def _nearest(number: int, bits: int) -> int:
    """Return `number` in units of 2**−bits, rounded to nearest."""
    drop = _POINT - bits
    return (number + (1 << (drop - 1))) >> drop
