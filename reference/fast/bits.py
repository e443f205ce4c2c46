"""Floating-point numbers read as integers: no float is compared or computed.

A thread that flushes subnormal numbers, or rounds in another direction, sees the same
integers as any other. (One conversion takes place, of integers below 2**53 to binary64,
which is exact and gives a normal number or 0.) Every number of the four formats is a
binary64 number too, so there is one representation here: the 64 bits of binary64 as an
int64,

    sign (1 bit), biased exponent E (11 bits), fraction (52 bits),

which stands for ± (h 2**52 + fraction) 2**(E − h − 1074) with h = 0 for E = 0, else 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Bits: TypeAlias = "NDArray[np.int64]"

SIGN: Final = -(2**63)
NOT_FINITE: Final = 2047
"""The biased exponent of infinities and nan: one above that of any finite number."""
SUBNORMAL_STEP: Final = -1074
"""The exponent of the smallest positive number of binary64."""

CHUNK: Final = 8192  # numbers: what a step reads and writes stays in the second cache

_FRACTION: Final = 2**52 - 1
_INFINITY: Final = NOT_FINITE << 52


@dataclass(frozen=True)
class _Layout:
    """How a narrower format is stored: 1 + exponent + fraction bits.

    Attributes:
        fraction: Bits of the fraction, p − 1.
        emax: Exponent of the largest numbers, and the bias of the stored exponent.
    """

    fraction: int
    emax: int

    @property
    def exponents(self) -> int:
        """The biased exponent of infinities and nan."""
        return 2 * self.emax + 1


_NARROW: Final = {
    "float16": _Layout(10, 15),
    "bfloat16": _Layout(7, 127),
    "float32": _Layout(23, 127),
}


class Decoded(NamedTuple):
    """Finite numbers ± significand · 2**(exponent − 1074), all integers.

    Attributes:
        significand: In [0, 2**53).
        place: exponent, in [0, 2045], plus 2048 where the number is negative.
    """

    significand: Bits
    place: Bits


def chunks(*arrays: NDArray[Any]) -> Iterator[tuple[Bits, ...]]:
    """Yield the bits of arrays, broadcast against each other, a chunk at a time.

    Args:
        arrays: Of float16, bfloat16, float32 or float64, in any memory order.

    Yields:
        One int64 array for each argument, all of the same length ≤ `CHUNK`, to be read
        only, and only until the next is asked for. Their elements come in some order,
        the same for all.

    Raises:
        TypeError: If an array is of another dtype.
    """
    names = [a.dtype.name for a in arrays]
    walk = np.nditer(
        [_stored(a) for a in arrays],
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[["readonly", "aligned", "nbo"]] * len(arrays),
        buffersize=CHUNK,
    )
    for _ in walk:
        yield tuple(_widened(walk[i], name) for i, name in enumerate(names))


def decode(bits: Bits) -> Decoded:
    """Return finite numbers as significands and exponents.

    Raises:
        ValueError: If a number is infinite or nan.
    """
    top = (bits.view(np.uint64) >> np.uint64(52)).view(np.int64)
    exponent = top & NOT_FINITE
    if exponent.max(initial=0) == NOT_FINITE:
        msg = "an exact sum needs finite numbers, got inf or nan among them"
        raise ValueError(msg)
    hidden = np.minimum(exponent, 1)
    significand = bits & _FRACTION
    significand |= hidden << 52
    return Decoded(significand, top - hidden)


def key(bits: Bits) -> Bits:
    """Return integers that are ordered as the numbers are; those of −0 and 0 are equal.

    Infinities have their place; that of a nan means nothing.
    """
    negative = bits >> 63  # −1 or 0
    return ((bits & ~SIGN) ^ negative) - negative


def all_finite(array: NDArray[Any]) -> bool:
    """Say whether no element is infinite or nan."""
    return all(((b & ~SIGN) < _INFINITY).all() for (b,) in chunks(array))


def _stored(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array's own bits, as integers of the width of its numbers."""
    if array.dtype.name not in (*_NARROW, "float64"):
        known = ", ".join((*_NARROW, "float64"))
        msg = f"an array of {known} is needed, got dtype {array.dtype.name}"
        raise TypeError(msg)
    integer = np.dtype(f"i{array.dtype.itemsize}")
    return array.view(integer.newbyteorder(array.dtype.byteorder))


def _widened(stored: NDArray[Any], name: str) -> Bits:
    """Return the binary64 bits of numbers of a format, given their own bits."""
    if name == "float64":
        # An equal dtype that is another object keeps NumPy from its fast paths.
        return stored.view(np.int64)
    layout = _NARROW[name]
    shift = 52 - layout.fraction
    wide: Bits = stored.astype(np.int64)
    sign = wide & SIGN
    magnitude = wide & (2 ** (8 * stored.itemsize - 1) - 1)
    bits: Bits = (magnitude << shift) + ((1023 - layout.emax) << 52)
    # Infinities and nan keep the largest exponent, whatever it is in the format.
    odd = magnitude >> layout.fraction == layout.exponents
    if odd.any():
        bits[odd] |= _INFINITY
    small = magnitude >> layout.fraction == 0
    if small.any():
        bits[small] = _normalised(magnitude[small], layout)
    bits |= sign
    return bits


def _normalised(fraction: Bits, layout: _Layout) -> Bits:
    """Return the binary64 bits of subnormal numbers of a narrower format, and of 0.

    An integer below 2**53 has a binary64 number of its own, a normal one or 0, which
    the conversion gives whatever the state of the thread; so has its multiple by
    2**(1 − emax − fraction bits), whose exponent is that much lower.
    """
    bits: Bits = fraction.astype(np.float64).view(np.int64)
    bits -= (layout.emax + layout.fraction - 1) << 52
    bits[fraction == 0] = 0
    return bits
