"""Reading arguments: every input number becomes an exact extended number, once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from numbers import Rational
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from reference.extended import Extended, extended
from reference.fast import premises

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ProblemError(ValueError):
    """An argument is not what a loss accepts: the message says which, and what is.

    Attributes:
        argument: The name of the argument.
    """

    def __init__(self, argument: str, message: str) -> None:
        """Keep the argument's name beside the message."""
        self.argument = argument
        super().__init__(message)


def refuse(argument: str, needed: str, got: object) -> ProblemError:
    """Return the one form of error: the argument, what was needed, what was got."""
    return ProblemError(argument, f"{argument} must {needed}, got {got}")


FLOAT_DTYPES: Final = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True, eq=False)
class Numbers:
    """An array of exact numbers, read-only.

    Attributes:
        given: The numbers as an array of one of the four formats, of an integer type,
            or of objects: `Fraction`, inf, −inf, nan. Its shape is the argument's.
        integral: Were the numbers given as integers (an integer dtype, Python ints)?
    """

    given: NDArray[Any]
    integral: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the argument."""
        shape: tuple[int, ...] = self.given.shape
        return shape

    @property
    def integer_dtype(self) -> bool:
        """Were they given as an array of an integer dtype?"""
        return self.given.dtype.kind in "iu"

    @cached_property
    def values(self) -> NDArray[np.object_]:
        """Object array of `Fraction`, inf, −inf, nan; equal numbers are one object."""
        return _object_array(exactly(self.given), self.shape)

    @cached_property
    def floats(self) -> NDArray[Any] | None:
        """The numbers in one of the four formats; None if they are not all floats."""
        if self.given.dtype.name in FLOAT_DTYPES:
            return self.given
        flat = [_as_float(v) for v in exactly(self.given)]
        if None in flat:
            return None
        return np.array(flat, dtype=np.float64).reshape(self.shape)

    @classmethod
    def read(cls, argument: str, given: object) -> Self:
        """Return the numbers in a list, a scalar or a NumPy array, exactly.

        An array that anybody can still write to is copied.

        Args:
            argument: Its name, for messages.
            given: Nested lists or tuples of int, float, Fraction or NumPy scalars, or a
                NumPy array of an integer type, float16, bfloat16, float32 or float64.

        Raises:
            ProblemError: If it is complex, ragged, boolean or no number at all.
        """
        if isinstance(given, np.ma.MaskedArray):
            raise refuse(argument, "have no mask", "a masked array; fill it first")
        if isinstance(given, (np.ndarray, np.generic)):
            return cls._from_array(argument, np.asarray(given))
        shape = _shape(argument, given)
        leaves = _leaves(given)
        flat = [_number(argument, v) for v in leaves]
        integral = all(
            isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in leaves
        )
        return cls(_object_array(flat, shape), integral and bool(leaves))

    @classmethod
    def _from_array(cls, argument: str, array: NDArray[Any]) -> Self:
        integral = array.dtype.kind in "iu"
        if not integral and array.dtype.name not in FLOAT_DTYPES:
            needed = (
                "be of dtype float16, bfloat16, float32, float64 or an integer type"
            )
            raise refuse(argument, needed, array.dtype.name)
        return cls(_frozen(array), integral)


def exactly(array: NDArray[Any]) -> list[Extended]:
    """Return the elements, row-major; equal floats become one object.

    So a loss can evaluate equal terms once.

    Raises:
        PremiseError: If this thread flushes subnormal numbers to zero.
    """
    if array.dtype.kind == "O":
        return list(array.ravel())
    if array.dtype.kind in "iu":
        return [Fraction(v) for v in array.ravel().tolist()]
    premises.check()  # else reading a subnormal number might give zero
    wide = array.astype(np.float64).ravel().tolist()  # exact: all four embed
    shared: dict[float, Extended] = {}
    return [
        shared[v] if v in shared else shared.setdefault(v, extended(v)) for v in wide
    ]


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array read-only: itself if nobody can write to it, else a copy."""
    if not _writeable(array):
        return array
    if 0 not in array.shape:
        # Axes that only repeat stay so: 2**24 equal rows take the memory of one.
        repeated = tuple(slice(0, 1) if s == 0 else slice(None) for s in array.strides)
        copy = array[repeated].copy()
        return np.broadcast_to(copy, array.shape)
    return np.broadcast_to(array.copy(), array.shape)


def _writeable(array: NDArray[Any]) -> bool:
    owner: object = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return True
        owner = owner.base
    return owner is not None  # memory of another kind of object: who knows


def _as_float(value: Extended) -> float | None:
    if isinstance(value, float):
        return value
    try:
        near = float(value)
    except OverflowError:
        return None
    return near if Fraction(near) == value else None


def _object_array(flat: list[Extended], shape: tuple[int, ...]) -> NDArray[np.object_]:
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(shape)


def _shape(argument: str, given: object) -> tuple[int, ...]:
    if not isinstance(given, (list, tuple)):
        return ()
    if not given:
        return (0,)
    inner = {_shape(argument, item) for item in given}
    if len(inner) != 1:
        shapes = ", ".join(sorted(map(str, inner)))
        raise refuse(argument, "not be ragged", f"parts of shapes {shapes}")
    return (len(given), *inner.pop())


def _leaves(given: object) -> list[object]:
    if isinstance(given, (list, tuple)):
        return [leaf for item in given for leaf in _leaves(item)]
    return [given]


def _number(argument: str, value: object) -> Extended:
    if isinstance(value, np.generic) and not isinstance(value, np.bool_):
        number: Extended = Numbers.read(argument, value).values.item()
        return number
    if isinstance(value, bool) or not isinstance(value, (Rational, float)):
        needed = "hold real numbers (int, float, Fraction or NumPy's own)"
        raise refuse(argument, needed, f"{value!r} of type {type(value).__name__}")
    return extended(value if isinstance(value, float) else Fraction(value))
