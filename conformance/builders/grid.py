"""The numbers of a storage format, as exact float64 values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from conformance.case import numpy_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


_FORMATS: Final = {
    "float16": (11, -14, 15),
    "bfloat16": (8, -126, 127),
    "float32": (24, -126, 127),
    "float64": (53, -1022, 1023),
}


@dataclass(frozen=True)
class Grid:
    """A binary format whose finite numbers are all numbers of float64 too.

    Attributes:
        dtype: Its name, such as `bfloat16`.
        precision: Bits of the significand, the hidden one included.
        emin: Exponent of the smallest normal number, a power of two.
        emax: Exponent of the largest power of two.
    """

    dtype: str
    precision: int
    emin: int
    emax: int

    @classmethod
    def of(cls, dtype: str) -> Self:
        """Return the grid of the format called `dtype`."""
        return cls(dtype, *_FORMATS[dtype])

    @cached_property
    def largest(self) -> float:
        """The largest finite number."""
        top = (1 << self.precision) - 1
        return math.ldexp(top, self.emax - self.precision + 1)

    @cached_property
    def tiny(self) -> float:
        """The smallest positive number, a subnormal one."""
        return math.ldexp(1.0, self.emin - self.precision + 1)

    @cached_property
    def top_code(self) -> int:
        """The code of the largest finite number; zero has code 0."""
        return ((self.emax - self.emin + 2) << (self.precision - 1)) - 1

    def decode(self, code: int) -> float:
        """Return the non-negative number with `code` non-negative numbers below it."""
        field, significand = divmod(code, 1 << (self.precision - 1))
        if field:
            significand += 1 << (self.precision - 1)
        return math.ldexp(significand, self.emin - self.precision + max(field, 1))

    def quantum(self, x: float) -> float:
        """Return the distance between numbers of the format in the binade of `x`."""
        exponent = max(math.frexp(x)[1] - 1, self.emin)
        return math.ldexp(1.0, exponent - self.precision + 1)

    def snap(self, x: float) -> float:
        """Return the finite number of the format nearest to `x`, a number.

        It rounds once, ties to even; on its way through float32 a half would be
        rounded twice.
        """
        if abs(x) >= self.largest:
            return math.copysign(self.largest, x)
        quantum = self.quantum(x)
        # Only `round` rounds here: dividing by a power of two is exact.
        nearest = round(abs(x) / quantum) * quantum
        return math.copysign(min(nearest, self.largest), x)

    def array(self, values: Sequence[float] | NDArray[Any]) -> NDArray[Any]:
        """Return `values`, each a number of the format, in the format."""
        exact = np.array(values, dtype=np.float64)
        return exact.astype(numpy_dtype(self.dtype))


@cache
def grid(dtype: str) -> Grid:
    """Return the grid of the format called `dtype`, made once."""
    return Grid.of(dtype)
