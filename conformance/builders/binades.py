"""The numbers of a case, multiplied by powers of two into chosen binades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.builders.axes import with_arrays
from conformance.builders.grid import grid
from conformance.builders.layouts import layout_of, place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.case import Case


def largest_into(case: Case, exponent: int) -> Case:
    """Return the case with its largest finite input in the binade of 2**exponent."""
    top = np.abs(finite(case.arguments["input"].view())).max(initial=0.0)
    return _shifted(case, exponent - _exponents(top))


def every_into(case: Case, low: int, high: int, first: int) -> Case:
    """Return the case with its numbers in the binades from 2**low to 2**high, in turn.

    The numbers of a row of logits stay together: the largest is in the binade.

    Args:
        case: A case with an input of at least one axis, for cross-entropy two.
        low: The exponent of the first binade.
        high: That of the last one, after which comes the first again.
        first: How many binades after `low` the first number is in.
    """
    tops = np.abs(finite(case.arguments["input"].view()))
    if case.loss == "cross_entropy":
        tops = tops.max(axis=1, keepdims=True, initial=0.0)
    wanted = low + (first + np.arange(tops.size)) % (high - low + 1)
    return _shifted(case, wanted.reshape(tops.shape) - _exponents(tops))


def finite(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the values in float64, with zeros where they are not finite."""
    exact = values.astype(np.float64)
    return np.where(np.isfinite(exact), exact, 0.0)


def stored(values: NDArray[np.float64], dtype: str) -> NDArray[Any]:
    """Return the values in a format; what is finite stays so."""
    top = grid(dtype).largest
    kept = np.where(np.isfinite(values), values.clip(-top, top), values)
    return grid(dtype).array(kept)


def _exponents(values: Any) -> Any:
    return np.frexp(values)[1] - 1


def _shifted(case: Case, octaves: Any) -> Case:
    """Multiply the input, and a target of differences, by powers of two."""
    names = ("input",) if case.loss == "cross_entropy" else ("input", "target")
    changed = {}
    for name in names:
        array = case.arguments[name]
        values = array.view().astype(np.float64)
        with np.errstate(over="ignore"):
            scaled = np.ldexp(finite(values), octaves)
        top = grid(case.dtype).largest
        new = np.where(np.isfinite(values), scaled.clip(-top, top), values)
        # An expanded axis could not hold numbers that differ.
        layout = layout_of(array) if np.ndim(octaves) == 0 else None
        fitted = stored(new, case.dtype)
        changed[name] = place(fitted, layout) if layout else place(fitted)
    return with_arrays(case, changed)
