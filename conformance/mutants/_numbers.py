"""Arithmetic that several mutants get wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

    Function = Callable[[Real], Real]


def to_bits(values: Real, bits: int) -> Real:
    """Return `values` rounded to `bits` significant bits, in their own format."""
    fraction, exponent = np.frexp(values)
    scaled = np.rint(np.ldexp(fraction, bits))
    return np.asarray(np.ldexp(scaled, exponent - bits), values.dtype)


def through(values: Real, dtype: np.dtype[Any] | type) -> NDArray[Any]:
    """Return `values` rounded to `dtype`, in their own format."""
    return values.astype(dtype).astype(values.dtype)


def softmax_of(
    exponential: Function = np.exp,
    logarithm: Function = np.log,
    quotient: Callable[[Real, Real], Real] = np.divide,
) -> Callable[[Parts, Real, Formats], tuple[Real, Real]]:
    """Return the part `softmax` made of other functions."""

    def softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
        shifted = logits - parts.shift(logits)
        exponentials = exponential(shifted)
        summed = parts.total(exponentials, formats)[..., np.newaxis]
        return shifted - logarithm(summed), quotient(exponentials, summed)

    return softmax
