"""Rounding what was given to a storage format first, once and correctly."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference import format_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reference import Format


_HALF: Final = 2  # bytes of an element of the half formats, and of bfloat16 in a file


class RawError(ValueError):
    """An array holds raw bytes; the message says what to do."""


def stored(value: object, name: str | None) -> object:
    """Return numbers rounded to the format called `name`; as they are for None.

    Args:
        value: A number, nested lists of numbers, or an array. An array of two raw bytes
            an element (dtype `V2`), which is how NumPy's files hold bfloat16, is taken
            for bfloat16 if that is the format.
        name: A format, by the name of IEEE 754 or of the data type.

    Raises:
        RawError: If an array holds raw bytes, and bfloat16 was not asked for.
    """
    if isinstance(value, np.ndarray):
        return _array(value, None if name is None else format_named(name))
    return value if name is None else _nested(value, format_named(name))


def _nested(value: object, fmt: Format) -> object:
    if isinstance(value, list):
        return [_nested(item, fmt) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return value
    return fmt.round(Fraction(value))  # type: ignore[call-overload]  # a leaf


def _array(array: NDArray[Any], fmt: Format | None) -> NDArray[Any]:
    if array.dtype.type is np.void:  # not bfloat16, which is of kind V as well
        return _raw(array, fmt)
    numeric = array.dtype.kind in "iuf" or array.dtype.name == "bfloat16"
    if fmt is None or not numeric:
        return array
    # What does not fit into float32 NumPy or ml_dtypes may round twice.
    narrow = array.dtype.itemsize <= _HALF
    if not narrow and (array.dtype.kind in "iu" or _twice(array, fmt)):
        distinct, places = np.unique(array, return_inverse=True)
        rounded = [_nested(v, fmt) for v in distinct.tolist()]
        array = np.array(rounded, dtype=np.float64)[places].reshape(array.shape)
    with np.errstate(all="ignore"):
        return array.astype(fmt.dtype)


def _twice(array: NDArray[Any], fmt: Format) -> bool:
    return fmt.name == "bfloat16" and array.dtype.name == "float64"


def _raw(array: NDArray[Any], fmt: Format | None) -> NDArray[Any]:
    if array.dtype.names is None and array.dtype.itemsize == _HALF:
        if fmt is not None and fmt.name == "bfloat16":
            return array.view(fmt.dtype)
        msg = (
            "must be of a floating-point or integer dtype, got two raw bytes an "
            "element: if they are bfloat16, add --dtype bfloat16"
        )
        raise RawError(msg)
    msg = f"must be of a floating-point or integer dtype, got raw {array.dtype}"
    raise RawError(msg)
