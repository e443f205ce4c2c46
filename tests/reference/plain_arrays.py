"""Float arrays of every kind that sums stumble over, and their exact numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
from hypothesis import strategies as st
from plain_formats import LINES, Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from numpy.typing import NDArray

    Array = NDArray[Any]

KINDS = ("bits", "subnormal", "huge", "normal", "integers", "zeros")


def dtype_of(line: Line) -> np.dtype[Any]:
    """Return the data type of a format."""
    return np.dtype(getattr(ml_dtypes, line.dtype, line.dtype))


def from_bits(patterns: Array, line: Line) -> Array:
    """Return the numbers with the given bits."""
    unsigned = patterns.astype(f"u{line.width // 8}")
    return unsigned.view(dtype_of(line))


def numbers(line: Line, kind: str, shape: tuple[int, ...], seed: int) -> Array:
    """Return finite numbers of a format: random bits, within what `kind` says."""
    rng, size = np.random.default_rng(seed), math.prod(shape)
    top, step = line.infinity, 1 << line.stored
    if kind in ("normal", "integers"):
        plain = rng.standard_normal(size)
        scaled = np.rint(plain * 8) if kind == "integers" else plain
        return scaled.astype(dtype_of(line)).reshape(shape)
    low, high = {
        "bits": (0, top),
        "subnormal": (0, step + 2),
        "huge": (top - 3 * step, top),
        "zeros": (0, 2),
    }[kind]
    sign = rng.integers(0, 2, size, dtype=np.uint64) << np.uint64(line.width - 1)
    ordinals = rng.integers(low, high, size, dtype=np.uint64)
    return from_bits(ordinals | sign, line).reshape(shape)


def neighbours(array: Array, line: Line, seed: int) -> Array:
    """Return numbers at most three away in their format, or equal: sums cancel."""
    steps = np.random.default_rng(seed).integers(0, 4, array.shape)
    bits = array.view(f"u{line.width // 8}")
    moved = bits ^ steps.astype(bits.dtype)
    mask = moved.dtype.type((1 << line.width - 1) - 1)
    return np.where((moved & mask) < line.infinity, moved, bits).view(array.dtype)


def exact(array: Array) -> list[Fraction]:
    """Return the exact values, row-major, decoded from the bits one by one."""
    line = next(each for each in LINES if each.dtype == array.dtype.name)
    sign = 1 << line.width - 1
    native = array.astype(array.dtype.newbyteorder("="))
    patterns = np.ascontiguousarray(native).view(f"u{line.width // 8}").ravel()
    return [
        -line.value(p ^ sign) if p & sign else line.value(p) for p in patterns.tolist()
    ]


seeds = st.integers(0, 2**32 - 1)


@st.composite
def pairs(
    draw: Callable[..., Any], shapes: tuple[tuple[int, ...], ...]
) -> tuple[Array, ...]:
    """Draw arrays of the given shapes, of one format or several, often nearly equal."""
    lines, kinds = st.sampled_from(LINES), st.sampled_from(KINDS)
    line = draw(lines)
    first = numbers(line, draw(kinds), shapes[0], draw(seeds))
    result = [first]
    for shape in shapes[1:]:
        if shape == first.shape and draw(st.booleans()):
            result.append(neighbours(first, line, draw(seeds)))
        else:
            result.append(numbers(draw(lines), draw(kinds), shape, draw(seeds)))
    return tuple(result)
