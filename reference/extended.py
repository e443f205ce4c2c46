"""Exact rationals together with infinities and NaN: IEEE 754's rules without rounding.

An `Extended` number is a `Fraction`, or one of the floats inf, −inf, nan. A finite
float never appears.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

Extended = Fraction | float


def extended(value: float | Fraction) -> Extended:
    """Return a float, an int or a Fraction as an extended number, exactly."""
    if isinstance(value, float) and not math.isfinite(value):
        return value
    return Fraction(value)


def is_finite(value: Extended) -> bool:
    """Say whether `value` is a rational number."""
    return isinstance(value, Fraction)


def is_nan(value: Extended) -> bool:
    """Say whether `value` is nan."""
    return isinstance(value, float) and math.isnan(value)


def add(a: Extended, b: Extended) -> Extended:
    """Return a + b; inf − inf is nan."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    return _special(a) + _special(b)


def subtract(a: Extended, b: Extended) -> Extended:
    """Return a − b; inf − inf is nan."""
    return add(a, -b)


@overload
def multiply(a: float, b: Extended) -> float: ...
@overload
def multiply(a: Extended, b: float) -> float: ...
@overload
def multiply(a: Extended, b: Extended) -> Extended: ...
def multiply(a: Extended, b: Extended) -> Extended:
    """Return a · b; 0 · inf is nan."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a * b
    return _sign(a) * _sign(b)


def divide(a: Extended, b: Extended) -> Extended:
    """Return a ÷ b; 0 ÷ 0 and inf ÷ inf are nan, and b = 0 counts as +0."""
    if isinstance(a, Fraction) and isinstance(b, Fraction) and b:
        return a / b
    if isinstance(b, float) and math.isinf(b):
        return Fraction(0) if isinstance(a, Fraction) else math.nan
    return _sign(a) * (math.inf if not b else _sign(b))


def total(values: Iterable[Extended]) -> Extended:
    """Return the sum; nan if a nan or both infinities are among the addends."""
    result: Extended = Fraction(0)
    for value in values:
        result = add(result, value)
    return result


def _special(value: Extended) -> float:
    # Beside an infinity or a nan, the size of a finite number does not matter.
    return 0.0 if isinstance(value, Fraction) else value


def _sign(value: Extended) -> float:
    if isinstance(value, Fraction):
        return float((value > 0) - (value < 0))
    return value
