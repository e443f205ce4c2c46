"""The storage formats, and correct rounding into them.

A format is (p, emin, emax) of IEEE 754-2019, section 3.3: precision `p` in bits, hidden
bit included, and the exponents of its smallest and largest normal numbers. Every value
of the four formats is a binary64 value too, so rounded results are carried as Python
floats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import ml_dtypes
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def exponent(value: Fraction) -> int:
    """Return the exponent of the binade of `value`: floor(log2 |value|), exactly.

    Raises:
        ValueError: If `value` is zero.

    >>> exponent(Fraction(3, 4))
    -1
    """
    if not value:
        msg = "zero has no binade, got value=0"
        raise ValueError(msg)
    n, d = abs(value.numerator), value.denominator
    e = n.bit_length() - d.bit_length()
    return e if (n >= d << e if e >= 0 else n << -e >= d) else e - 1


def power_of_two(e: int) -> Fraction:
    """Return 2**e as a Fraction."""
    return Fraction(1 << e) if e >= 0 else Fraction(1, 1 << -e)


@dataclass(frozen=True)
class Format:
    """A binary floating-point format with gradual underflow.

    Attributes:
        name: IEEE 754's name; `bfloat16` is not in the standard.
        dtype_name: The name of the NumPy or ml_dtypes data type.
        precision: Bits of the significand, hidden bit included.
        emin: Exponent of the smallest normal number.
        emax: Exponent of the largest finite numbers.
    """

    name: str
    dtype_name: str
    precision: int
    emin: int
    emax: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy data type that stores this format."""
        return np.dtype(getattr(ml_dtypes, self.dtype_name, self.dtype_name))

    @property
    def unit_roundoff(self) -> Fraction:
        """Largest relative error of rounding to nearest, 2**−p."""
        return power_of_two(-self.precision)

    @property
    def smallest_subnormal(self) -> Fraction:
        """2**(emin − p + 1), the spacing of the subnormal numbers."""
        return power_of_two(self.emin - self.precision + 1)

    @property
    def largest(self) -> Fraction:
        """The largest finite number, (2 − 2**(1−p)) · 2**emax."""
        return (2 - power_of_two(1 - self.precision)) * power_of_two(self.emax)

    @property
    def overflow_threshold(self) -> Fraction:
        """The least magnitude that rounds to infinity, (2 − 2**−p) · 2**emax."""
        return (2 - power_of_two(-self.precision)) * power_of_two(self.emax)

    def ulp(self, value: Fraction) -> Fraction:
        """Return the spacing of the format in the binade of `value`.

        At zero and below 2**emin it is the smallest subnormal number. Above the largest
        number the exponent range is taken as unbounded.
        """
        e = max(exponent(value), self.emin) if value else self.emin
        return power_of_two(e - self.precision + 1)

    def round(self, value: Fraction) -> float:
        """Return `value` rounded to nearest, ties to even; ±inf beyond the threshold.

        With q the spacing of the format in the binade of `value` (the subnormal spacing
        below), |value| = (whole + rest/denominator) q exactly, and the neighbours in
        the format are whole · q and (whole + 1) q: comparing 2 · rest with the
        denominator decides without any rounding. If the greater neighbour is a power of
        two it belongs to the next binade, and to the format all the same; if it is
        2**(emax + 1) it is infinity. Its significand is even, so the threshold, halfway
        below it, goes to infinity as the standard demands. A negative `value` that
        rounds to zero gives −0.0.

        Source: IEEE 754-2019, section 4.3.1.

        >>> BINARY16.round(Fraction(65520)), BINARY16.round(Fraction(65519))
        (inf, 65504.0)
        """
        spacing = exponent(self.ulp(value))
        scaled = abs(value) * power_of_two(-spacing)
        whole, rest = divmod(scaled.numerator, scaled.denominator)
        twice = 2 * rest
        if twice > scaled.denominator or (twice == scaled.denominator and whole & 1):
            whole += 1
        if whole << max(spacing, 0) >= 1 << self.emax + 1:
            return -math.inf if value < 0 else math.inf
        result = math.ldexp(whole, spacing)
        return -result if value < 0 else result

    def array(self, values: Iterable[float], shape: tuple[int, ...]) -> NDArray[Any]:
        """Return values of this format, given as floats, as an array of its dtype."""
        given = values if isinstance(values, np.ndarray) else list(values)
        wide = np.asarray(given, dtype=np.float64).reshape(shape)
        with np.errstate(all="ignore"):
            return wide.astype(self.dtype)


BINARY16: Final = Format("binary16", "float16", 11, -14, 15)
BFLOAT16: Final = Format("bfloat16", "bfloat16", 8, -126, 127)
BINARY32: Final = Format("binary32", "float32", 24, -126, 127)
BINARY64: Final = Format("binary64", "float64", 53, -1022, 1023)

FORMATS: Final = {f.name: f for f in (BINARY16, BFLOAT16, BINARY32, BINARY64)}
"""Name → format, narrowest first."""


def format_named(name: str) -> Format:
    """Return the format called `name`, by IEEE's name or the data type's.

    Raises:
        ValueError: If there is no such format.
    """
    for fmt in FORMATS.values():
        if name in (fmt.name, fmt.dtype_name):
            return fmt
    known = ", ".join(FORMATS)
    msg = f"format must be one of {known}, got {name!r}"
    raise ValueError(msg)
