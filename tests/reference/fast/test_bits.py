"""Floats read as integers, against their bit patterns decoded one by one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_arrays import KINDS, dtype_of, exact, from_bits, numbers, pairs, seeds
from plain_formats import LINES, Line

from reference.fast.bits import CHUNK, SUBNORMAL_STEP, all_finite, chunks, decode, key

if TYPE_CHECKING:
    from numpy.typing import NDArray

lines = pytest.mark.parametrize("line", LINES, ids=lambda line: str(line.name))
sizes = st.sampled_from([0, 1, 2, 63, 64, 65])


def read(array: NDArray[Any]) -> list[int]:
    """Return the bits of an array, in the order in which chunks yield them."""
    return [b for (part,) in chunks(array) for b in part.tolist()]


def values(bits: NDArray[np.int64]) -> list[Fraction]:
    """Return what decoded bits stand for."""
    significand, place = decode(bits)
    return [
        (-1) ** (p >> 11) * m * Fraction(2) ** ((p & 2047) + SUBNORMAL_STEP)
        for m, p in zip(significand.tolist(), place.tolist(), strict=True)
    ]


@lines
@given(kind=st.sampled_from(KINDS), seed=seeds, size=sizes)
def test_decoded_numbers_are_those_of_their_bits(
    line: Line, kind: str, seed: int, size: int
) -> None:
    """Sign, significand and exponent are those of the number, subnormal or not."""
    array = numbers(line, kind, (size,), seed)
    got = [v for (part,) in chunks(array) for v in values(part)]
    assert got == exact(array)


@lines
def test_every_16_bit_pattern_is_widened_as_by_a_cast(line: Line) -> None:
    """Widened bits are those of the cast to float64; of wider formats, a sample."""
    step = 1 if line.width == 16 else (1 << line.width - 16) + 0x9E37
    patterns = np.arange(2**16, dtype=np.uint64) * np.uint64(step)
    array = from_bits(patterns, line)
    with np.errstate(invalid="ignore"):
        cast = array.astype(np.float64)
    got = np.array(read(array), dtype=np.int64)
    nan = np.isnan(cast)
    assert np.array_equal(got[~nan], cast[~nan].view(np.int64))
    assert np.isnan(got[nan].view(np.float64)).all()


@given(pair=pairs(((40,), (40,))))
def test_keys_are_ordered_as_the_numbers_are(pair: Any) -> None:
    """Comparing keys is comparing numbers, of different formats too; −0 equals 0."""
    a, b = next(chunks(*pair))
    order = (key(a) > key(b)).astype(int) - (key(a) < key(b))
    x, y = map(exact, pair)
    assert order.tolist() == [(p > q) - (p < q) for p, q in zip(x, y, strict=True)]


@lines
@pytest.mark.parametrize("odd", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_is_refused(line: Line, odd: float) -> None:
    """An infinity or a nan anywhere is noticed, and is not decoded."""
    array = np.zeros(CHUNK + 1, dtype=dtype_of(line))
    assert all_finite(array)
    array[-1] = odd
    assert not all_finite(array)
    with pytest.raises(ValueError, match="needs finite numbers, got inf or nan"):
        [decode(part) for (part,) in chunks(array)]


@pytest.mark.parametrize("dtype", [np.int64, np.complex128, np.longdouble, object])
def test_other_dtypes_are_refused(dtype: type) -> None:
    """Only the four formats have bits to read."""
    with pytest.raises(TypeError, match="float16, bfloat16, float32, float64"):
        list(chunks(np.zeros(3, dtype=dtype)))


@lines
def test_memory_order_does_not_matter(line: Line) -> None:
    """Strided, reversed, transposed, repeated and byte-swapped arrays are read."""
    array = numbers(line, "bits", (6, 8), 1)
    expected = sorted(read(array))
    swapped = array.byteswap().view(array.dtype.newbyteorder())
    for view in (array.T, array[::-1, ::-1], np.asfortranarray(array), swapped):
        assert sorted(read(view)) == expected
    assert sorted(read(array[::2, 1::3])) == sorted(read(array[::2, 1::3].copy()))
    assert read(np.broadcast_to(array[0], (5, 8))) == read(array[0]) * 5


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 1])
def test_chunks_cover_every_element_once(size: int) -> None:
    """No part is longer than a chunk, and together they are the array."""
    array = np.arange(size, dtype=np.float32)
    parts = [part.copy() for (part,) in chunks(array)]
    assert all(0 < len(part) <= CHUNK for part in parts)
    joined = np.concatenate([*parts, np.empty(0, np.int64)])
    assert np.array_equal(joined.view(np.float64), array)
